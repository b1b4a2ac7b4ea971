// Random moments that can be had again: FAULT_SEED=… repeats a run, FAULT_ROUNDS=100 tries harder. The seed and the figures
// of a story are noted with its test, and shown when it fails, or by `--reporter=verbose`.
import { randomInt } from 'node:crypto';
import type { TestContext } from 'vitest';
import { createRandom, type Random } from '../support/random.js';

const { FAULT_SEED, FAULT_ROUNDS = '10' } = process.env;

/** How often each story tries. */
export const rounds = Number(FAULT_ROUNDS);

export async function randomMoments({ annotate }: TestContext): Promise<Random> {
  const seed = FAULT_SEED ?? String(randomInt(2 ** 32));
  await annotate(`FAULT_SEED=${seed}`);
  return createRandom(seed);
}
