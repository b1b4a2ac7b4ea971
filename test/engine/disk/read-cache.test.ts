import { describe, expect, it, vi } from 'vitest';
import { extentBytes, ReadCache } from '../../../src/engine/disk/read-cache.js';

const loadOf = (value: number) => vi.fn(async () => new Uint8Array(8).fill(value));

async function ask(
  share: ReturnType<ReadCache['openShare']>,
  number: number,
  load: () => Promise<Uint8Array | undefined>,
) {
  return (await share.read(number, load))?.[0];
}

describe('the read cache', () => {
  it('reads an extent whole only when it is asked for again', async () => {
    const share = new ReadCache(4 * extentBytes).openShare();
    const load = loadOf(7);
    expect(await ask(share, 1, load)).toBeUndefined();
    expect(await ask(share, 1, load)).toBe(7);
    expect(await ask(share, 1, load)).toBe(7);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('reads it once for all who ask at the same time', async () => {
    const share = new ReadCache(4 * extentBytes).openShare();
    const load = loadOf(7);
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(share, 1, load)));
    expect(answers).toEqual([undefined, 7, 7, 7]);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('keeps within its budget over all shares, and drops the least recently used', async () => {
    const cache = new ReadCache(2 * extentBytes);
    const [one, two] = [cache.openShare(), cache.openShare()];
    for (const [share, number] of [
      [one, 0],
      [two, 0],
      [one, 0],
      [two, 1],
    ] as const) {
      await share.read(number, loadOf(1));
      await share.read(number, loadOf(1));
      expect(cache.usedBytes).toBeLessThanOrEqual(2 * extentBytes);
    }
    const again = loadOf(2);
    expect([await ask(one, 0, again), await ask(two, 1, again)]).toEqual([1, 1]);
    expect(await ask(two, 0, again)).toBe(2);
    expect(cache.usedBytes).toBe(2 * extentBytes);
  });

  it('makes no room by dropping what is still being read', async () => {
    const cache = new ReadCache(extentBytes);
    const share = cache.openShare();
    await share.read(0, loadOf(1));
    const reading = share.read(0, () => new Promise((resolve) => setImmediate(resolve, undefined)));
    await share.read(1, loadOf(2));
    expect(await ask(share, 1, loadOf(2))).toBeUndefined();
    expect(cache.usedBytes).toBe(extentBytes);
    await reading;
  });

  it('does not keep what was dropped while it was read, nor what could not be read', async () => {
    const cache = new ReadCache(4 * extentBytes);
    const share = cache.openShare();
    await share.read(0, loadOf(1));
    const stale = ask(share, 0, loadOf(1));
    share.drop(0, 0);
    expect(await stale).toBe(1);
    expect(cache.usedBytes).toBe(0);
    expect(await ask(share, 0, loadOf(2))).toBe(2);

    await share.read(5, loadOf(1));
    expect(await ask(share, 5, () => Promise.reject(new Error('no such file')))).toBeUndefined();
    expect(await ask(share, 5, loadOf(3))).toBe(3);
  });

  it('drops one share without the others', async () => {
    const cache = new ReadCache(4 * extentBytes);
    const [one, two] = [cache.openShare(), cache.openShare()];
    for (const share of [one, two, one, two]) await share.read(0, loadOf(1));
    expect(cache.usedBytes).toBe(2 * extentBytes);
    one.dropAll();
    expect(cache.usedBytes).toBe(extentBytes);
    expect(await ask(two, 0, loadOf(2))).toBe(1);
  });

  it('does without memory if it is given none', async () => {
    const share = new ReadCache(0).openShare();
    await share.read(0, loadOf(1));
    expect(await ask(share, 0, loadOf(1))).toBeUndefined();
  });
});
