// @ts-check
// Collects all garbage of this thread, now. Plain JavaScript: it is preloaded into built programs, too.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** @type {() => void} */
export const collectGarbage = runInNewContext('gc');
