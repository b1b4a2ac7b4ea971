// Waiting with an end to it: no story hangs, and each says what it was waiting for.
import { setTimeout as delay } from 'node:timers/promises';

/** What `awaited` resolves to; rejects with `complaint` if that takes longer than `deadlineMs`. */
export async function before<T>(
  deadlineMs: number,
  awaited: Promise<T>,
  complaint: () => string,
): Promise<T> {
  const inTime = new AbortController();
  const late = delay(deadlineMs, undefined, { signal: inTime.signal }).then(() => {
    throw new Error(`after ${deadlineMs} ms: ${complaint()}`);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    inTime.abort();
    late.catch(() => {});
  }
}

/** Waits until `isSo`, looking every few milliseconds. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 15_000,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`after ${deadlineMs} ms: not yet ${what}`);
    await delay(10);
  }
}
