import { describe, expect, it } from 'vitest';
import {
  clampInterval,
  clampMinInterval,
} from '../../../../../src/engine/trackers/announce/announce-request.js';

describe('the interval of an answer', () => {
  it('is taken in seconds, and kept between half a minute and an hour', () => {
    const intervals = [1, 29.5, 45, 1800, 86_400, Number.MAX_SAFE_INTEGER].map(clampInterval);
    expect(intervals).toEqual([30_000, 30_000, 45_000, 1_800_000, 3_600_000, 3_600_000]);
  });

  it.each([
    [undefined],
    [0],
    [-1],
    [-(2 ** 53)],
    [Number.NaN],
    ['60'],
    [Buffer.from('60')],
    [[60]],
  ])('is ten minutes where it is %o', (nonsense) => {
    expect(clampInterval(nonsense)).toBe(600_000);
    expect(clampMinInterval(nonsense)).toBeUndefined();
  });

  it('may allow no sooner announce, but for an hour at most', () => {
    expect([5, 90, 1e9].map(clampMinInterval)).toEqual([5000, 90_000, 3_600_000]);
  });
});
