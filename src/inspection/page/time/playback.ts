// What is played goes on as it went, at a speed; but where nothing happened for long, that is not waited for.
import type { Step } from '../store/page-store.js';

export interface Playback {
  readonly position: number;
  /** So far it has been played, in the time of the steps. */
  readonly shownMs: number;
}

const longestWaitMs = 1_000;

/** What is shown, so many real ms later; undefined: all has been played. */
export function played(
  steps: readonly Step[],
  { position, shownMs }: Playback,
  elapsedMs: number,
  speed: number,
): Playback | undefined {
  const next = steps[position];
  if (next === undefined) return undefined;
  const soonestMs = next.record.timeMs - longestWaitMs * speed;
  const nowMs = Math.max(shownMs, soonestMs) + elapsedMs * speed;
  let reached = position;
  while (reached < steps.length && (steps[reached]?.record.timeMs ?? nowMs) <= nowMs) reached += 1;
  return { position: reached, shownMs: nowMs };
}

/** What is played from a position on. */
export function playedFrom(steps: readonly Step[], position: number): Playback {
  const shownMs = steps[Math.max(0, position - 1)]?.record.timeMs ?? 0;
  return { position, shownMs };
}
