// How a run ends, as a number; see "Exit codes" in the README.
import type { Tally } from '../../machines/supervisor.js';

export const exitCodes = { done: 0, internal: 1, usage: 2, failed: 3, unfinished: 4 } as const;

export function exitCodeOf({ failed, unfinished }: Tally): number {
  if (failed > 0) return exitCodes.failed;
  return unfinished > 0 ? exitCodes.unfinished : exitCodes.done;
}
