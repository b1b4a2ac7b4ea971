// The page's one connection: messages of src/inspection/told/page-messages.ts, a line each.
import type { PageStore } from './store/page-store.js';

export function listen(store: PageStore): void {
  const events = new EventSource('events');
  events.onmessage = ({ data }) => {
    store.receive(JSON.parse(data));
    if (store.connection === 'ended') events.close();
  };
  events.onerror = () => store.lose();
}
