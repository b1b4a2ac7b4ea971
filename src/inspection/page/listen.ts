// The page's one connection: messages of src/inspection/told/page-messages.ts, a line each. Where it breaks, it is tried again, ever less
// often, and told anew.
import type { PageMessage } from '../told/page-messages.js';
import type { PageStore } from './store/page-store.js';

const retryMs = { first: 500, last: 10_000 };

export function listen(store: PageStore): void {
  let waitMs = retryMs.first;
  const open = () => {
    const events = new EventSource('events');
    events.onmessage = ({ data }: MessageEvent<string>) => {
      const message: PageMessage = JSON.parse(data);
      store.receive(message, data.length);
      if (message.type === 'caughtUp') waitMs = retryMs.first;
      if (message.type === 'ended') events.close();
    };
    events.onerror = () => {
      // Not left to the browser: each has its own idea of when to give up.
      events.close();
      if (store.connection === 'ended') return;
      store.lose();
      setTimeout(again, waitMs);
      waitMs = Math.min(2 * waitMs, retryMs.last);
    };
  };
  const again = async () => {
    if (await isSomebodyElse())
      store.receive({ type: 'ended', reason: 'another has this address now' });
    else open();
  };
  open();
}

/** Who has begun anew has another token in its URL, and knows nothing of this one. */
async function isSomebodyElse(): Promise<boolean> {
  try {
    const { status } = await fetch('charts.json', { method: 'HEAD' });
    return status === 403;
  } catch {
    return false;
  }
}
