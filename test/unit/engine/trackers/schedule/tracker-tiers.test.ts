import { describe, expect, it } from 'vitest';
import {
  promote,
  shuffleTiers,
} from '../../../../../src/engine/trackers/schedule/tracker-tiers.js';

const any = () => true;

/** Yields the numbers in turn. */
function rolling(...numbers: readonly number[]): () => number {
  let next = 0;
  return () => numbers[next++] ?? 0;
}

describe('the order of trackers', () => {
  it('is random within a tier, and never across tiers', () => {
    const tiers = shuffleTiers(
      [
        ['a', 'b', 'c'],
        ['d', 'e'],
      ],
      any,
      rolling(0.9, 0.1, 0.5, 0.2, 0.1),
    );
    expect(tiers).toEqual([
      ['b', 'c', 'a'],
      ['e', 'd'],
    ]);
  });

  it('has each tracker once, in its first tier', () => {
    const tiers = shuffleTiers([['a', 'a'], ['a'], ['b', 'a']], any, () => 0);
    expect(tiers).toEqual([['a'], ['b']]);
  });

  it('leaves out trackers that cannot be used, and tiers that are empty', () => {
    const tiers = shuffleTiers(
      [[], ['wss://a'], ['b', 'wss://c']],
      (url) => url === 'b',
      () => 0,
    );
    expect(tiers).toEqual([['b']]);
  });

  it('ends after a hundred trackers', () => {
    const crowd = Array.from({ length: 80 }, (_, index) => [`a${index}`, `b${index}`]);
    expect(shuffleTiers(crowd, any, () => 0).flat()).toHaveLength(100);
  });

  it('holds what is trusted beside the hundred of a torrent', () => {
    const crowd = Array.from({ length: 150 }, (_, index) => [`a${index}`]);
    const tiers = shuffleTiers([...crowd, ['mine']], any, () => 0, ['mine', 'a0']);
    expect(tiers).toHaveLength(102);
    expect(tiers.at(-1)).toEqual(['mine']);
  });

  it('brings the tracker that answered to the front of its own tier', () => {
    expect(promote([['a', 'b', 'c'], ['d']], 'c')).toEqual([['c', 'a', 'b'], ['d']]);
    expect(promote([['a'], ['d', 'e']], 'e')).toEqual([['a'], ['e', 'd']]);
  });
});
