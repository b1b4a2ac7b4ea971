import { describe, expect, it } from 'vitest';
import { createMetainfoMemory, NoRoom } from '../../../src/memory/metainfo-memory.js';

const kib = 2 ** 10;
const mib = 2 ** 20;
/** Over 1 MiB a torrent is a large one here, and up to 64 KiB it is not counted. */
const memory = () => createMetainfoMemory(64 * mib);
const never = new AbortController().signal;
const refusal = (code: string, bytes?: number) =>
  expect.objectContaining({ code, ...(bytes !== undefined && { bytes }) });

function thrown(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Whether it has its turn by now. */
async function isCalled(waiting: Promise<void>): Promise<boolean> {
  return Promise.race([
    waiting.then(() => true),
    new Promise<false>((no) => setImmediate(no, false)),
  ]);
}

describe('the memory of metainfo', () => {
  it('is not asked for by what is small, however full it is', () => {
    const { open, uncountedBytes } = memory();
    open(1).settle(48 * mib);
    for (let job = 2; job < 18; job += 1) open(job).settle(mib);
    for (let job = 18; job < 218; job += 1) open(job).settle(uncountedBytes);
    expect(thrown(() => open(3).settle(uncountedBytes + 1))).toBeInstanceOf(NoRoom);
  });

  it('refuses what never fits with another code than what waits', () => {
    const { open } = memory();
    open(1).settle(40 * mib);
    expect(thrown(() => open(2).settle(20 * mib))).toEqual(refusal('WAITING_FOR_MEMORY', 20 * mib));
    expect(thrown(() => open(3).settle(65 * mib))).toEqual(refusal('TORRENT_TOO_LARGE'));
  });

  it('is a job’s until it is over, and then the next one’s, in the order of their coming', async () => {
    const { open, releaseJob } = memory();
    open(1).settle(40 * mib);
    const second = open(2).wait(40 * mib, never);
    const third = open(3).wait(20 * mib, never);
    expect(await isCalled(third)).toBe(false);
    releaseJob(1);
    expect([await isCalled(second), await isCalled(third)]).toEqual([true, false]);
    releaseJob(2);
    expect(await isCalled(third)).toBe(true);
  });

  it('lets a small one in while large ones wait', async () => {
    const { open } = memory();
    open(1).settle(40 * mib);
    const second = open(2).wait(40 * mib, never);
    open(3).settle(800 * kib);
    expect(await isCalled(second)).toBe(false);
  });

  it('leaves out whoever does not wait any more', async () => {
    const { open, releaseJob } = memory();
    open(1).settle(40 * mib);
    const stop = new AbortController();
    const second = open(2).wait(40 * mib, stop.signal);
    const third = open(3).wait(40 * mib, never);
    stop.abort(new Error('paused'));
    await expect(second).rejects.toThrow('paused');
    releaseJob(1);
    expect(await isCalled(third)).toBe(true);
  });

  it('keeps what was waited for while the bytes come again, and gives the rest back when all is known', async () => {
    const { open } = memory();
    const first = open(1);
    await first.wait(48 * mib, never);
    const second = open(2).wait(20 * mib, never);
    first.admit(30 * mib);
    expect(await isCalled(second)).toBe(false);
    first.settle(24 * mib);
    expect(await isCalled(second)).toBe(true);
  });

  it('takes more as more bytes come, and all of it back when they are dropped', async () => {
    const { open } = memory();
    const first = open(1);
    first.admit(70 * kib);
    first.admit(5 * mib);
    first.admit(17 * mib);
    const second = open(2);
    expect(thrown(() => second.admit(20 * mib))).toEqual(refusal('WAITING_FOR_MEMORY', 32 * mib));
    const waiting = second.wait(32 * mib, never);
    first.admit(0);
    expect(await isCalled(waiting)).toBe(true);
  });

  it('is bounded for bodies on their way, whoever sends them', () => {
    const { open } = memory();
    let admitted = 0;
    for (let job = 0; job < 200; job += 1) {
      if (thrown(() => open(job).admit(16 * mib)) === undefined) admitted += 1;
    }
    expect(admitted).toBe(3);
  });
});
