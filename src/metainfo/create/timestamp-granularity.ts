// Whether a later change of content that is about to be read would show in its timestamps. The clock behind them ticks,
// and two changes within one tick look alike: a file written, read and written again at once has one timestamp. So
// where ticks are short, the end of the present one is waited for; where they are long, the content is not cached.
import { setTimeout as delay } from 'node:timers/promises';
import type { ScannedContent } from './content/scan-content.js';

/** Linux has a clock of 1 to 10 ms; others are finer. */
const fineTickNs = 20_000_000n;
const maxWaitMs = 21;
/** FAT has the longest: two seconds. */
const coarseTickNs = 2_000_000_000n;
/** Timestamps of whole milliseconds are those of a coarse clock. A fine one shows such a one once in a million. */
const wholeNs = 1_000_000n;

/**
 * True if whatever changes from now on gets other timestamps than `content` was scanned with. Waits at most 20 ms.
 * False for files with timestamps in the future, by a clock that goes wrong, or with none.
 */
export async function waitForTimestampGranularity(
  content: ScannedContent,
  signal: AbortSignal,
  nowMs: () => number = Date.now,
): Promise<boolean> {
  if (content.files.some(({ changedNs }) => changedNs <= 0n)) return false;
  const distinctNs = content.files.reduce((latest, { changedNs }) => {
    const tickNs = changedNs % wholeNs === 0n ? coarseTickNs : fineTickNs;
    return changedNs + tickNs > latest ? changedNs + tickNs : latest;
  }, 0n);
  // Rounded up: the clock read here has whole milliseconds, cut off.
  const distinctMs = Number(distinctNs / 1_000_000n) + 1;
  const leftMs = distinctMs - nowMs();
  if (leftMs > maxWaitMs) return false;
  // A timer may be a millisecond early.
  if (leftMs > 0) await delay(leftMs + 1, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
  return nowMs() >= distinctMs;
}
