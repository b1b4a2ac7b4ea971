import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RateWindow } from '../../../../src/engine/measuring/rate-window.js';

/** Looks every `everyMs` from the start on, at a total that grows by `bytes` each time. */
function looks(everyMs: number, bytes: readonly number[]): readonly number[] {
  const rate = new RateWindow(0, 0);
  let totalBytes = 0;
  return bytes.map((more, nth) => {
    totalBytes += more;
    return rate.look((nth + 1) * everyMs, totalBytes);
  });
}

it('is the mean of the last five seconds, or of what there is of them', () => {
  expect(looks(1_000, [100, 100, 400])).toEqual([100, 100, 200]);
  const steady = Array.from({ length: 30 }, () => 50);
  expect(looks(1_000, steady)).toEqual(steady);
  expect(new Set(looks(100, steady))).toEqual(new Set([500]));
  expect(looks(1_000, [5_000, 0, 0, 0, 0, 0, 0])).toEqual([
    5_000, 2_500, 1_667, 1_250, 1_000, 0, 0,
  ]);
});

it('is exactly nothing once nothing has come for so long, and what comes then is no mean of the silence', () => {
  const silent = Array.from({ length: 60 }, () => 0);
  expect(looks(100, [10_000, ...silent, 700]).slice(-2)).toEqual([0, 7_000]);
});

it('reaches back to the look before, where that was longer ago', () => {
  expect(looks(60_000, [600_000, 0, 60_000])).toEqual([10_000, 0, 1_000]);
});

it('is never negative, not a number, or beyond what came at once', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 9_000 }), fc.nat(1e12)));
  fc.assert(
    fc.property(steps, (each) => {
      const rate = new RateWindow(0, 0);
      let [nowMs, totalBytes] = [0, 0];
      for (const [ms, bytes] of each) {
        nowMs += ms;
        totalBytes += bytes;
        const now = rate.look(nowMs, totalBytes);
        expect(now).toBeGreaterThanOrEqual(0);
        expect(now).toBeLessThanOrEqual(totalBytes * 1_000);
        expect(Number.isSafeInteger(now)).toBe(true);
      }
    }),
  );
});
