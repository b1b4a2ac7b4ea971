import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { optimiseInRush, optimiseLate } from '../../../src/code-cache/job-rush.js';

const node20 = '11.3.244.8-node.38';
const patient = '--interrupt-budget=600000 --max-inlined-bytecode-size-cumulative=920';
const rushed = '--interrupt-budget=132000 --max-inlined-bytecode-size-cumulative=150';

function started(v8Version: string) {
  const flags: string[] = [];
  const setFlags = (each: string) => void flags.push(each);
  optimiseLate(v8Version, setFlags);
  const onJob = optimiseInRush(v8Version, setFlags);
  const begin = (jobs: number) => {
    for (let job = 0; job < jobs; job += 1) onJob();
  };
  return { flags, begin };
}

describe('a rush of jobs', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('has V8 optimise sooner, until no more come', () => {
    const { flags, begin } = started(node20);
    begin(1_999);
    expect(flags).toEqual([patient]);
    begin(2_000);
    expect(flags).toEqual([patient, rushed]);
    vi.advanceTimersByTime(10_000);
    begin(2_000);
    vi.advanceTimersByTime(10_000);
    expect(flags).toEqual([patient, rushed]);
    begin(3);
    vi.advanceTimersByTime(10_000);
    expect(flags).toEqual([patient, rushed, patient]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not what comes one by one', () => {
    const { flags, begin } = started(node20);
    for (let minute = 0; minute < 10; minute += 1) {
      begin(1_500);
      vi.advanceTimersByTime(60_000);
    }
    expect(flags).toEqual([patient]);
  });

  it('needs nothing where a quick compiler stands in between', () => {
    const { flags, begin } = started('12.4.254.21-node.33');
    begin(1_000);
    expect(flags).toEqual([]);
  });
});
