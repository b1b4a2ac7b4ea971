import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeferred } from '../../../../src/async/deferred.js';
import { createCheckpointTimer } from '../../../../src/storage/resume/checkpoint-timer.js';

describe('checkpoints', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('come ten seconds after the first progress, and not without any', async () => {
    const checkpoint = vi.fn(async () => {});
    const timer = createCheckpointTimer(checkpoint, () => {});
    await vi.advanceTimersByTimeAsync(60_000);
    expect(checkpoint).toHaveBeenCalledTimes(0);
    timer.progressed();
    await vi.advanceTimersByTimeAsync(9_000);
    timer.progressed();
    expect(checkpoint).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(checkpoint).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(checkpoint).toHaveBeenCalledTimes(1);
    timer.progressed();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(checkpoint).toHaveBeenCalledTimes(2);
  });

  it('never overlap, and leave the disk a rest five times as long as they took', async () => {
    const first = createDeferred<void>();
    const checkpoint = vi.fn(() => first.promise);
    const timer = createCheckpointTimer(checkpoint, () => {});
    timer.progressed();
    await vi.advanceTimersByTimeAsync(10_000);
    timer.progressed();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(checkpoint).toHaveBeenCalledTimes(1);
    first.resolve();
    await vi.advanceTimersByTimeAsync(29_000);
    expect(checkpoint).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(checkpoint).toHaveBeenCalledTimes(2);
  });

  it('end with one that fails, which is told', async () => {
    const failures: unknown[] = [];
    const checkpoint = vi.fn(() => Promise.reject(new Error('no room')));
    const timer = createCheckpointTimer(checkpoint, (thrown) => failures.push(thrown));
    timer.progressed();
    await vi.advanceTimersByTimeAsync(10_000);
    timer.progressed();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(failures).toEqual([new Error('no room')]);
    expect(checkpoint).toHaveBeenCalledTimes(1);
  });

  it('come no more once they were stopped, and what fails then is nobody’s business', async () => {
    const running = createDeferred<void>();
    const onFailure = vi.fn();
    const checkpoint = vi.fn(() => running.promise);
    const timer = createCheckpointTimer(checkpoint, onFailure);
    timer.progressed();
    await vi.advanceTimersByTimeAsync(10_000);
    timer.stop();
    running.reject(new Error('late'));
    timer.progressed();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([checkpoint.mock.calls.length, onFailure.mock.calls.length]).toEqual([1, 0]);
  });
});
