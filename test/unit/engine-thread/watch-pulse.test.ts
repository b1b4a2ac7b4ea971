import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPulseMemory, pulseOver } from '../../../src/engine-thread/heartbeat.js';
import { watchPulse } from '../../../src/engine-thread/host/watchdog.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const memory = createPulseMemory();
  const [pulse, seen] = [pulseOver(memory), pulseOver(memory)];
  const onSilence = vi.fn();
  const stop = watchPulse(seen, { lookEveryMs: 1_000, mostSilentLooks: 10, onSilence });
  return { pulse, seen, onSilence, stop };
}

it('tells, once, that there was no beat between ten looks in a row', () => {
  const { pulse, onSilence } = watched();
  vi.advanceTimersByTime(9_000);
  pulse.beat();
  vi.advanceTimersByTime(10_000);
  expect(onSilence).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(onSilence).toHaveBeenCalledTimes(1);
});

it('takes a clock that jumps for nothing', () => {
  const { pulse, onSilence } = watched();
  vi.advanceTimersByTime(5_000);
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(1_000);
  pulse.beat();
  vi.advanceTimersByTime(9_000);
  expect(onSilence).not.toHaveBeenCalled();
});

it('tells nothing once it was stopped', () => {
  const { onSilence, stop } = watched();
  stop();
  vi.advanceTimersByTime(60_000);
  expect(onSilence).not.toHaveBeenCalled();
});

it('shows whose code runs', () => {
  const { pulse, seen } = watched();
  expect(seen.atWork).toBeUndefined();
  pulse.atWork = 'ab'.repeat(20);
  expect(seen.atWork).toBe('ab'.repeat(20));
  pulse.atWork = undefined;
  expect(seen.atWork).toBeUndefined();
});
