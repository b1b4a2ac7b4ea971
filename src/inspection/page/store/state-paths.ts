// The states that a machine is in, as a reader writes them: `active.joined.seeding`.
import type { StateTree } from '../../told/records.js';

/** Deeper than any machine's: what else there is comes from a stranger. */
const deepest = 20;

/** One a region of a parallel state; none, where there are no states. */
export function statePaths(value: StateTree | undefined, depth = 0): readonly string[] {
  if (value === undefined || depth > deepest) return [];
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([state, inner]) => {
    const within = statePaths(inner, depth + 1);
    return within.length === 0 ? [state] : within.map((path) => `${state}.${path}`);
  });
}
