// Random moments that can be had again: FAULT_SEED=… repeats a run, FAULT_ROUNDS=100 tries harder. The seed and the figures
// of a story are noted with its test, and shown when it fails, or by `--reporter=verbose`.
import { randomInt } from 'node:crypto';
import type { TestContext } from 'vitest';

const { FAULT_SEED, FAULT_ROUNDS = '10' } = process.env;

/** How often each story tries. */
export const rounds = Number(FAULT_ROUNDS);

export interface Chance {
  /** From `low` up to but not `high`. */
  between(low: number, high: number): number;
  /** True so often, 0 to 1. */
  happens(probability: number): boolean;
}

export async function takeChance({ annotate }: TestContext): Promise<Chance> {
  const seed = FAULT_SEED === undefined ? randomInt(2 ** 32) : Number(FAULT_SEED);
  await annotate(`FAULT_SEED=${seed}`);
  const next = mulberry32(seed);
  return {
    between: (low, high) => low + (high - low) * next(),
    happens: (probability) => next() < probability,
  };
}

/** A small generator of good quality; numbers from 0 up to but not 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
