import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHeartbeatMemory, heartbeatOver } from '../../../src/engine-thread/heartbeat.js';
import { startWatchdog } from '../../../src/engine-thread/host/watchdog.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const memory = createHeartbeatMemory();
  const [heartbeat, seen] = [heartbeatOver(memory), heartbeatOver(memory)];
  const onSilence = vi.fn();
  const stop = startWatchdog(seen, { lookEveryMs: 1_000, mostSilentLooks: 10, onSilence });
  return { heartbeat, seen, onSilence, stop };
}

it('tells, once, that there was no beat between ten looks in a row', () => {
  const { heartbeat, onSilence } = watched();
  vi.advanceTimersByTime(9_000);
  heartbeat.beat();
  vi.advanceTimersByTime(10_000);
  expect(onSilence).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(onSilence).toHaveBeenCalledTimes(1);
});

it('takes a clock that jumps for nothing', () => {
  const { heartbeat, onSilence } = watched();
  vi.advanceTimersByTime(5_000);
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(1_000);
  heartbeat.beat();
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
  const { heartbeat, seen } = watched();
  expect(seen.atWork).toBeUndefined();
  heartbeat.atWork = 'ab'.repeat(20);
  expect(seen.atWork).toBe('ab'.repeat(20));
  heartbeat.atWork = undefined;
  expect(seen.atWork).toBeUndefined();
});
