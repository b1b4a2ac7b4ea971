import { describe, expect, it } from 'vitest';
import {
  barsPath,
  densityOf,
  placeOf,
  positionAt,
  showing,
  ticksOf,
  timeAt,
  wholeSpan,
  zoomedSpan,
} from '../../../../../src/inspection/page/time/time-span.js';
import { stepsOf, told } from '../../../../support/inspection/steps.js';

const at = (...timesMs: readonly number[]) =>
  stepsOf(...timesMs.map((timeMs) => told(1, 'tick', { timeMs })));
const whole = { fromMs: 1_000, toMs: 11_000 };

describe('the part of the time that is shown', () => {
  it('is all of it at first, and never nothing', () => {
    expect(wholeSpan(at(1_000, 5_000, 11_000))).toEqual(whole);
    expect(wholeSpan([])).toEqual({ fromMs: 0, toMs: 1_000 });
    expect(wholeSpan(at(9_000, 2_000))).toEqual({ fromMs: 9_000, toMs: 10_000 });
  });

  it('is zoomed about a time, which stays where it is, and no further than all', () => {
    const half = zoomedSpan(whole, 0.5, 3_500, whole);
    expect(half).toEqual({ fromMs: 2_250, toMs: 7_250 });
    expect(placeOf(3_500, half, 100)).toBe(placeOf(3_500, whole, 100));
    expect(zoomedSpan(half, 100, 3_500, whole)).toEqual(whole);
    const closest = zoomedSpan(whole, 1e-9, 3_500, whole);
    expect(closest.toMs - closest.fromMs).toBeCloseTo(5);
  });

  it('moves as little as shows where the page stands', () => {
    const span = { fromMs: 4_000, toMs: 6_000 };
    expect(showing(span, 5_000, whole)).toEqual(span);
    expect(showing(span, 7_500, whole)).toEqual({ fromMs: 5_500, toMs: 7_500 });
    expect(showing(span, 1_000, whole)).toEqual({ fromMs: 1_000, toMs: 3_000 });
  });

  it('says what time is where, and how many steps that are', () => {
    expect(timeAt(25, whole, 100)).toBe(3_500);
    const steps = at(1_000, 2_000, 2_000, 3_000);
    const times = [999, 1_000, 2_000, 2_500, 9_000];
    expect(times.map((timeMs) => positionAt(steps, timeMs))).toEqual([0, 1, 3, 3, 4]);
  });

  it('has as many round times as there is room for', () => {
    const ticks = ticksOf(whole, 500);
    expect(ticks.map(({ timeMs }) => timeMs)).toEqual([2_000, 4_000, 6_000, 8_000, 10_000]);
    expect(ticks[0]?.label).toMatch(/^\d\d:\d\d:02$/);
    expect(ticksOf({ fromMs: 0, toMs: 10 }, 300)[1]?.label).toMatch(/\.005$/);
    expect(ticksOf({ fromMs: 0, toMs: 1e12 }, 1_000)).toHaveLength(10);
    expect(ticksOf(whole, 0)).toEqual([]);
  });
});

describe('how much happened when', () => {
  const times = [1_000, 1_100, 6_000, 11_000];
  const counts = densityOf(times.length, (index) => times[index] ?? 0, whole, 10);

  it('is counted in equal parts, the last instant with the last', () => {
    expect(counts).toEqual([2, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(densityOf(0, () => 0, whole, 3)).toEqual([0, 0, 0]);
  });

  it('is drawn as bars, one also where it is but one', () => {
    expect(barsPath(counts, 3, 24, 22).match(/M/g)).toHaveLength(3);
    expect(barsPath([0, 1, 1_000], 3, 24, 22)).toBe('M3.0 24v-3.0h2.5v3.0zM6.0 24v-22.0h2.5v22.0z');
    expect(barsPath([0, 0], 3, 24, 22)).toBe('');
  });
});
