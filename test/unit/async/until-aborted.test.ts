import { describe, expect, it } from 'vitest';
import { untilAborted } from '../../../src/async/until-aborted.js';

const never = () => new Promise<never>(() => {});

describe('a wait for a task that heeds no signal', () => {
  it('ends as the task does', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(signal, Promise.resolve(1))).toBe(1);
    await expect(untilAborted(signal, Promise.reject(new Error('no luck')))).rejects.toThrow(
      'no luck',
    );
  });

  it('ends with the reason of the signal, before or meanwhile', async () => {
    const stop = new AbortController();
    const waiting = untilAborted(stop.signal, never());
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(untilAborted(stop.signal, never())).rejects.toThrow('stopped');
  });
});
