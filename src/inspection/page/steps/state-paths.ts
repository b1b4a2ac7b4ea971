// The states that a machine is in, as a reader writes them: `active.joined.seeding`.
import type { StateTree } from '../../told/records.js';

/** One a region of a parallel state; none, where there are no states. */
export function statePaths(value: StateTree | undefined): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([state, inner]) => {
    const within = statePaths(inner);
    return within.length === 0 ? [state] : within.map((path) => `${state}.${path}`);
  });
}
