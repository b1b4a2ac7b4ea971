import { describe, expect, it } from 'vitest';
import {
  askAgainDelayMs,
  longestRetryDelayMs,
  retryDelayMs,
  spreadInterval,
} from '../../../../../src/engine/trackers/schedule/back-off.js';

describe('the wait after failures', () => {
  it('doubles from one second to five minutes', () => {
    const delays = [1, 2, 3, 4, 9, 10, 5000].map((failures) => retryDelayMs(failures, () => 0));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 256_000, 300_000, 300_000]);
  });

  it('is shorter by up to a quarter, as chance has it', () => {
    expect(retryDelayMs(4, () => 0.5)).toBe(7000);
    expect(retryDelayMs(4, () => 0.999)).toBeGreaterThan(6000);
  });
});

describe('the longest wait after failures', () => {
  it('is twenty seconds for a tracker of ours, and else the interval it asked for', () => {
    expect(longestRetryDelayMs(true)).toBe(20_000);
    expect(longestRetryDelayMs(true, 1_800_000)).toBe(20_000);
    expect(longestRetryDelayMs(false)).toBe(300_000);
    expect(longestRetryDelayMs(false, 45_000)).toBe(45_000);
    expect(longestRetryDelayMs(false, 1_800_000)).toBe(300_000);
    expect(retryDelayMs(50, () => 0, 20_000)).toBe(20_000);
  });
});

describe('an interval', () => {
  it('is never cut short, and longer by a twentieth at most', () => {
    expect(spreadInterval(60_000, () => 0)).toBe(60_000);
    expect(spreadInterval(60_000, () => 0.999)).toBeLessThanOrEqual(63_000);
  });
});

describe('the wait before asking for peers again', () => {
  it('doubles the more often it is asked in a row', () => {
    const delays = [0, 1, 2, 30].map((times) => askAgainDelayMs(times));
    expect(delays).toEqual([15_000, 30_000, 60_000, 300_000]);
  });

  it('is never shorter than the tracker allows', () => {
    expect(askAgainDelayMs(0, 40_000)).toBe(40_000);
    expect(askAgainDelayMs(2, 40_000)).toBe(60_000);
  });
});
