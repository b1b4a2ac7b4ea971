// Random numbers that come again: the same seed gives the same numbers on every machine, so any run can be repeated.
import { createHash } from 'node:crypto';

export interface Random {
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  /** From `low` up to but not `high`. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  bytes(count: number): Uint8Array;
}

/** SFC32, started from the SHA-256 of `seed`. */
export function createRandom(seed: string): Random {
  const state = createHash('sha256').update(seed).digest();
  let a = state.readInt32LE(0);
  let b = state.readInt32LE(4);
  let c = state.readInt32LE(8);
  let counter = state.readInt32LE(12);
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    between: (low, high) => low + (high - low) * (next() / 2 ** 32),
    chance: (probability) => next() / 2 ** 32 < probability,
    pick<T>(items: readonly T[]): T {
      const at = below(items.length);
      for (const item of items.slice(at, at + 1)) return item;
      throw new RangeError('nothing to pick from');
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}
