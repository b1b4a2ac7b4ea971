import { describe, expect, it } from 'vitest';
import { played, playedFrom } from '../../../../../src/inspection/page/time/playback.js';
import { stepsOf, told } from '../../../../support/inspection/steps.js';

const steps = stepsOf(
  ...[1_000, 1_100, 1_100, 1_500, 60_000].map((timeMs) => told(1, 'tick', { timeMs })),
);

describe('playing', () => {
  it('takes the steps when their time has come, faster at a higher speed', () => {
    const start = playedFrom(steps, 1);
    expect(start).toEqual({ position: 1, shownMs: 1_000 });
    expect(played(steps, start, 99, 1)?.position).toBe(1);
    expect(played(steps, start, 100, 1)?.position).toBe(3);
    expect(played(steps, start, 50, 10)?.position).toBe(4);
  });

  it('does not wait for long where nothing happened', () => {
    const start = playedFrom(steps, 4);
    expect(played(steps, start, 999, 1)?.position).toBe(4);
    expect(played(steps, start, 1_000, 1)?.position).toBe(5);
    expect(played(steps, start, 1_000, 10)?.position).toBe(5);
  });

  it('is over after the last, and begins with the first', () => {
    expect(played(steps, playedFrom(steps, 5), 1_000, 1)).toBeUndefined();
    expect(played(steps, playedFrom(steps, 0), 0, 1)?.position).toBe(1);
    expect(played([], playedFrom([], 0), 0, 1)).toBeUndefined();
  });
});
