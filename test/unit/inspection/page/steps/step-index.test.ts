import { describe, expect, it } from 'vitest';
import {
  countBelow,
  firstWhere,
  StepIndex,
} from '../../../../../src/inspection/page/steps/step-index.js';
import { made, stepsOf, told } from '../../../../support/inspection/steps.js';

const steps = stepsOf(
  made(1, 'jobs'),
  made(2, 'job-1', { parent: 1, machine: 'torrent' }),
  told(2, 'job.pause'),
  told(1, 'job.stateChanged'),
  told(3, 'of one that nobody knows'),
  told(2, 'job.resume'),
);

describe('the index of steps', () => {
  it('finds those of an actor, and how it is called', () => {
    const index = new StepIndex();
    index.keepUp(steps);
    expect(index.of(2)).toEqual([1, 2, 5]);
    expect(index.of(3)).toEqual([4]);
    expect(index.of(4)).toEqual([]);
    expect([...index.names.keys()]).toEqual([1, 2]);
    expect(index.timesMs).toEqual([1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    expect(index.names.get(2)).toMatchObject({ id: 'job-1', parent: 1, machine: 'torrent' });
  });

  it('goes on where steps were added, and begins anew where the oldest are gone', () => {
    const index = new StepIndex();
    index.keepUp(steps.slice(0, 2));
    expect(index.of(2)).toEqual([1]);
    expect(index.keepUp(steps)).toBe(false);
    expect(index.of(2)).toEqual([1, 2, 5]);
    expect(index.keepUp(steps.slice(1))).toBe(true);
    expect(index.of(2)).toEqual([0, 1, 4]);
    expect(index.keepUp([])).toBe(true);
    expect(index.of(2)).toEqual([]);
    index.keepUp(steps);
    expect(index.of(2)).toEqual([1, 2, 5]);
  });
});

describe('looking through rising numbers', () => {
  it('counts those that are smaller', () => {
    const numbers = [1, 4, 4, 9];
    expect([0, 1, 2, 4, 5, 9, 10].map((limit) => countBelow(numbers, limit))).toEqual([
      0, 0, 1, 1, 3, 3, 4,
    ]);
  });

  it('finds the first for which it holds, if there is one', () => {
    expect(firstWhere(5, (index) => index >= 3)).toBe(3);
    expect(firstWhere(5, () => true)).toBe(0);
    expect(firstWhere(5, () => false)).toBe(5);
    expect(firstWhere(0, () => true)).toBe(0);
  });
});
