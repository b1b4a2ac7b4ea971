// Waits for the jobs that a session brings back: what they say first comes before whatever else the helper says.
import type { ActorRefFrom } from 'xstate';
import type { monitorMachine } from '../../../machines/monitor.js';
import type { JobOrder, JobState } from '../../../machines/types.js';

type Monitor = ActorRefFrom<typeof monitorMachine>;

const timeoutMs = 2_000;

/** Whoever is in one of these has said what there is to say for now, if that was anything. */
const silentStates: ReadonlySet<JobState> = new Set(['queued', 'paused', 'failed', 'removed']);

/** Resolves when each of the jobs has said its first line, or turned out to have none to say for now; after 2 s in any case. */
export function firstLines(monitor: Monitor, orders: readonly JobOrder[]): Promise<void> {
  const silent = new Set(orders.map(({ id }) => id));
  if (silent.size === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const heard = (id: number) => {
      silent.delete(id);
      if (silent.size === 0) end();
    };
    const end = () => {
      clearTimeout(timer);
      for (const each of listening) each.unsubscribe();
      resolve();
    };
    const timer = setTimeout(end, timeoutMs);
    const listening = [
      monitor.on('changed', ({ changes }) => {
        for (const { type, id, state } of changes) {
          if (type === 'progress' || silentStates.has(state)) heard(id);
        }
      }),
    ];
  });
}
