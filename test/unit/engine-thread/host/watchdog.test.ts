import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHeartbeatMemory, heartbeatOver } from '../../../../src/engine-thread/heartbeat.js';
import { startWatchdog } from '../../../../src/engine-thread/host/watchdog.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const memory = createHeartbeatMemory();
  const [heartbeat, seen] = [heartbeatOver(memory), heartbeatOver(memory)];
  const onTimeout = vi.fn();
  const stop = startWatchdog(seen, { checkEveryMs: 1_000, mostMissedChecks: 10, onTimeout });
  return { heartbeat, seen, onTimeout, stop };
}

it('tells, once, that there was no beat between ten checks in a row', () => {
  const { heartbeat, onTimeout } = watched();
  vi.advanceTimersByTime(9_000);
  heartbeat.beat();
  vi.advanceTimersByTime(10_000);
  expect(onTimeout).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(onTimeout).toHaveBeenCalledTimes(1);
});

it('takes a clock that jumps for nothing', () => {
  const { heartbeat, onTimeout } = watched();
  vi.advanceTimersByTime(5_000);
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(1_000);
  heartbeat.beat();
  vi.advanceTimersByTime(9_000);
  expect(onTimeout).not.toHaveBeenCalled();
});

it('tells nothing once it was stopped', () => {
  const { onTimeout, stop } = watched();
  stop();
  vi.advanceTimersByTime(60_000);
  expect(onTimeout).not.toHaveBeenCalled();
});

it('shows whose code runs', () => {
  const { heartbeat, seen } = watched();
  expect(seen.atWork).toBeUndefined();
  heartbeat.atWork = 'ab'.repeat(20);
  expect(seen.atWork).toBe('ab'.repeat(20));
  heartbeat.atWork = undefined;
  expect(seen.atWork).toBeUndefined();
});
