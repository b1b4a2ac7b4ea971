// Whether a later change of content that is about to be read would show in its stamps. A clock that stamps files ticks,
// and two changes within one tick look alike: a file written, read and written again at once keeps its stamp. So what
// was changed within the present tick is waited for where ticks are short, and not trusted where they are long.
import { setTimeout as delay } from 'node:timers/promises';
import type { ScannedContent } from './content/scan-content.js';

/** Linux stamps by a clock of 1 to 10 ms; others are finer. */
const fineTickNs = 20_000_000n;
const maxWaitMs = 21;
/** FAT has the longest: two seconds. */
const coarseTickNs = 2_000_000_000n;
/** Stamps of whole milliseconds are those of a coarse clock. A fine one shows such a stamp once in a million. */
const wholeNs = 1_000_000n;

/**
 * True if whatever changes from now on gets other stamps than `content` was scanned with. Waits at most 20 ms.
 * Files stamped in the future, by a clock that goes wrong, or not at all are not trusted.
 */
export async function settles(
  content: ScannedContent,
  signal: AbortSignal,
  nowMs: () => number = Date.now,
): Promise<boolean> {
  if (content.files.some(({ changedNs }) => changedNs <= 0n)) return false;
  const settledNs = content.files.reduce((latest, { changedNs }) => {
    const tickNs = changedNs % wholeNs === 0n ? coarseTickNs : fineTickNs;
    return changedNs + tickNs > latest ? changedNs + tickNs : latest;
  }, 0n);
  // Rounded up: the clock read here has whole milliseconds, cut off.
  const settledMs = Number(settledNs / 1_000_000n) + 1;
  const leftMs = settledMs - nowMs();
  if (leftMs > maxWaitMs) return false;
  // A timer may be a millisecond early.
  if (leftMs > 0) await delay(leftMs + 1, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
  return nowMs() >= settledMs;
}
