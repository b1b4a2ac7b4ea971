// Has V8 optimise sooner while thousands of jobs come: what is done once is better off with bytecode, what is done so often with machine
// code. A flag of all threads of a process, and so for a process of our own only.
import { setFlagsFromString } from 'node:v8';

/**
 * What has run so much, by V8's own measure, is looked at for optimisation: 67,584 where nobody says otherwise. And so much bytecode is
 * drawn into what is optimised: in a rush a sixth of V8's own 920, as compiling takes less time then, and what runs hardly more.
 */
const patient = '--interrupt-budget=600000 --max-inlined-bytecode-size-cumulative=920';
const rushed = '--interrupt-budget=132000 --max-inlined-bytecode-size-cumulative=150';
/** Of a thousand, what is optimised is not paid back by what is left. */
const jobsOfARush = 2_000;
const lookEveryMs = 10_000;

export type SetFlags = (flags: string) => void;

/**
 * Node 20 optimises what has run a little so thoroughly that it took a fifth of the CPU time of a swarm of thirty helpers, and
 * a twentieth of a download of 1 GiB. It waits nine times as long here; later versions have a quick compiler in between.
 */
export function optimiseLate(v8Version: string, setFlags: SetFlags = setFlagsFromString): void {
  if (hasNoQuickCompiler(v8Version)) setFlags(patient);
}

/** The returned function is to be called for each job; `optimiseLate` was called before. */
export function optimiseInRush(
  v8Version: string,
  setFlags: SetFlags = setFlagsFromString,
): () => void {
  if (!hasNoQuickCompiler(v8Version)) return () => {};
  let jobs = 0;
  let isRush = false;
  let isLooking = false;
  const setRush = (isNow: boolean) => {
    if (isNow === isRush) return;
    isRush = isNow;
    setFlags(isNow ? rushed : patient);
  };
  const lookLater = () => {
    if (!isLooking) setTimeout(look, lookEveryMs).unref();
    isLooking = true;
  };
  const look = () => {
    setRush(jobs >= jobsOfARush);
    jobs = 0;
    isLooking = false;
    if (isRush) lookLater();
  };
  return () => {
    jobs += 1;
    lookLater();
    if (jobs === jobsOfARush) setRush(true);
  };
}

function hasNoQuickCompiler(v8Version: string): boolean {
  return v8Version.startsWith('11.');
}
