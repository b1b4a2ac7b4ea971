// Has V8 give back, after a rush, the memory that the rush took: of itself it keeps it for the next one, and may take hours to
// look what is left. A flag of all threads of a process, and so for a process of our own only, never for a program that we are
// a part of. It is set for a while and taken back, since whoever works with it works slower.
import { setFlagsFromString } from 'node:v8';

/**
 * Code that has not run for a while is thrown away too, and what is compiled is saved for the next start until then; saved
 * afterwards it would not be taken, for V8 goes by the flags that were ever set.
 */
const notBeforeMs = 40_000;
const lookEveryMs = 5_000;
/** Of a core. */
const idleShare = 0.1;
/** V8 looks every eight seconds, and collects three times at most. */
const looksToGiveBack = 6;

export interface IdleMemoryOptions {
  /** What all threads together have used so far. */
  readonly cpuMs: () => number;
  /** For tests. */
  readonly setFlags?: (flags: string) => void;
}

export function giveBackMemoryWhenIdle({
  cpuMs,
  setFlags = setFlagsFromString,
}: IdleMemoryOptions): void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let looksLeft = looksToGiveBack;
  let isSet = false;
  const look = () => {
    const nowMs = cpuMs();
    const isIdle = nowMs - lastMs < idleShare * lookEveryMs;
    lastMs = nowMs;
    looksLeft = isIdle ? looksLeft - 1 : looksToGiveBack;
    const isGivingBack = isIdle && looksLeft >= 0;
    if (isGivingBack === isSet) return;
    isSet = isGivingBack;
    setFlags(isGivingBack ? '--optimize-for-size' : '--no-optimize-for-size');
  };
  setTimeout(() => setInterval(look, lookEveryMs).unref(), notBeforeMs).unref();
}
