import { describe, expect, it } from 'vitest';
import { withTimeout } from '../../../src/async/with-timeout.js';

const never = () => new Promise<never>(() => {});

describe('a wait with an end', () => {
  it('gives what the task does, or undefined once the time is over', async () => {
    expect(await withTimeout(60_000, Promise.resolve('done'))).toBe('done');
    await expect(withTimeout(60_000, Promise.reject(new Error('no luck')))).rejects.toThrow(
      'no luck',
    );
    expect(await withTimeout(1, never())).toBeUndefined();
  });

  it('leaves no timer behind, however the task ends', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
    const before = timers().length;
    await withTimeout(60_000, Promise.resolve());
    await withTimeout(60_000, Promise.reject(new Error('no luck'))).catch(() => {});
    expect(timers().length).toBe(before);
  });
});
