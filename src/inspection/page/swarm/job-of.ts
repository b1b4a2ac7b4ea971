// Which job an actor belongs to: it is the job's machine itself, or one that works for it.
import type { ActorState } from '../../told/actor-state.js';

/** The id of the job; undefined for an actor of none. */
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
