// The swarm of a job as it is now: a connection of its own, which is there as long as somebody looks, for its torrent is looked at
// closely as long as that.
import { useEffect, useState } from 'preact/hooks';
import type { ActorState } from '../../told/actor-state.js';
import type { SwarmMessage } from '../../told/swarm-messages.js';

export interface WatchedSwarm {
  /** `lost`: it is tried again. `over`: nothing follows. */
  readonly connection: 'opening' | 'open' | 'lost' | 'over';
  /** What was told last. */
  readonly message?: SwarmMessage | undefined;
}

/** `isEnded`: nobody is there any more who could tell. */
export function useSwarm(jobId: number, isEnded: boolean): WatchedSwarm {
  const [watched, become] = useState<WatchedSwarm>({ connection: 'opening' });
  useEffect(() => {
    const be = (connection: WatchedSwarm['connection']) =>
      become(({ message }) => ({ connection, message }));
    if (isEnded) return be('over');
    const events = new EventSource(`swarms/${jobId}`);
    events.onmessage = ({ data }) => become({ connection: 'open', message: JSON.parse(data) });
    const end = () => {
      events.close();
      be('over');
    };
    events.addEventListener('over', end);
    events.onerror = () => {
      // The browser gives up where there is nothing of that name.
      if (events.readyState === EventSource.CLOSED) end();
      else be('lost');
    };
    return () => events.close();
  }, [jobId, isEnded]);
  return watched;
}

/** The id of the job that an actor belongs to: it is the job's machine, or one that works for it. Undefined: it is of none. */
export function jobOf(
  actors: ReadonlyMap<number, ActorState>,
  actor: number | undefined,
): number | undefined {
  let at = actor === undefined ? undefined : actors.get(actor);
  // What is told may be anything; a circle has an end, too.
  for (let steps = 0; at !== undefined && steps < deepest; steps += 1) {
    const [, id] = (at.machine === 'torrent' && /^job-(\d{1,15})$/.exec(at.id)) || [];
    if (id !== undefined) return Number(id);
    at = at.parent === undefined ? undefined : actors.get(at.parent);
  }
  return undefined;
}

const deepest = 100;
