// How a transition of a machine is called, wherever a machine of that config runs: by its state, its event, and its place among
// those of that event.
import type { AnyTransitionDefinition } from 'xstate';

const known = new WeakMap<AnyTransitionDefinition, string>();

/**
 * `torrent.active.joined|swarm.failed|1`: the second of those that the state declares for the event. What is taken at once has no
 * event: `torrent.starting||0`.
 * @returns undefined for what is no transition of a state: the machine's first step
 */
export function transitionId(transition: AnyTransitionDefinition): string | undefined {
  const found = known.get(transition);
  if (found !== undefined) return found;
  const { source, eventType } = transition;
  const alike = eventType === '' ? source.always : source.transitions.get(eventType);
  const index = alike?.indexOf(transition) ?? -1;
  if (index < 0) return undefined;
  const id = `${source.id}|${eventType}|${index}`;
  known.set(transition, id);
  return id;
}
