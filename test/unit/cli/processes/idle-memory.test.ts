import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { giveBackMemoryWhenIdle } from '../../../../src/cli/processes/idle-memory.js';

const startMs = 40_000;
const lookMs = 5_000;
const [on, off] = ['--optimize-for-size', '--no-optimize-for-size'];

/** `work(shares)`: of a core, look by look. */
function started() {
  let usedMs = 0;
  const flags: string[] = [];
  giveBackMemoryWhenIdle({ cpuMs: () => usedMs, setFlags: (each) => void flags.push(each) });
  vi.advanceTimersByTime(startMs);
  expect(flags).toEqual([]);
  return {
    flags,
    work(...shares: readonly number[]) {
      for (const share of shares) {
        usedMs += share * lookMs;
        vi.advanceTimersByTime(lookMs);
      }
    },
  };
}

describe('memory of a process that has become idle', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is given back once, for half a minute, and again after the next rush', () => {
    const { flags, work } = started();
    work(1, 1);
    expect(flags).toEqual([]);
    work(0.01);
    expect(flags).toEqual([on]);
    work(...Array.from({ length: 100 }, () => 0.01));
    expect(flags).toEqual([on, off]);
    work(1, 0);
    expect(flags).toEqual([on, off, on]);
  });

  it('is kept as soon as there is work', () => {
    const { flags, work } = started();
    work(1, 0, 1);
    expect(flags).toEqual([on, off]);
  });
});
