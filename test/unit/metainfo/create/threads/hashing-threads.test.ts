import { createHash } from 'node:crypto';
import { appendFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scanContent } from '../../../../../src/metainfo/create/content/scan-content.js';
import { hashPieces } from '../../../../../src/metainfo/create/hash-pieces.js';
import { createHashingThreads } from '../../../../../src/metainfo/create/threads/hashing-threads.js';
import { writeFiles } from '../../../../support/disks/content-files.js';
import { openIn } from '../../../../support/disks/open-files.js';
import { useScratchFolder } from '../../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const never = new AbortController().signal;
const MiB = 2 ** 20;
/** So large that no test sees its end; it takes no room on the disk. */
const endless = 2 ** 37;

function threadsFor(options: Parameters<typeof createHashingThreads>[0] = {}) {
  const threads = createHashingThreads(options);
  onTestFinished(() => threads.close());
  return threads;
}

async function scan(name: string) {
  return (await scanContent(at(name), never)).files;
}

/** Zeroes. */
async function sparse(name: string, lengthBytes: number) {
  await writeFile(at(name), '');
  await truncate(at(name), lengthBytes);
  return scan(name);
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await nextTurn();
}

const isOpen = async (name: string) => (await openIn(at(name))).length > 0;

describe('hashing threads', () => {
  it('share the work at large content', async () => {
    const files = await sparse('data', 256 * MiB);
    const threads = threadsFor({ most: 2 });
    const hash = createHash('sha1').update(Buffer.alloc(MiB)).digest();
    const expected = Buffer.concat(Array.from({ length: 256 }, () => hash));
    // Until the second one has started, the first may do it all.
    for (let isShared = false; !isShared; ) {
      const { hashes, shares } = await threads.hash(files, MiB, never);
      expect(Buffer.compare(hashes, expected)).toBe(0);
      expect(shares.reduce((sum, share) => sum + share)).toBe(256);
      isShared = shares.length === 2 && !shares.includes(0);
    }
  });

  it('are as many as the cores, however many jobs there are, and all get their turns', async () => {
    const huge = await sparse('huge', endless);
    const modest = await sparse('modest', 16 * MiB);
    const threads = threadsFor();
    const stops = Array.from({ length: 20 }, () => new AbortController());
    const reason = new Error('enough');
    const hashing = stops.map(({ signal }) => threads.hash(huge, MiB, signal));
    const ended = Promise.allSettled(hashing);
    await until(() => isOpen('huge'));
    expect(threads.count).toBe(Math.min(8, availableParallelism()));
    expect((await openIn(at())).length).toBeLessThanOrEqual(threads.count);
    const { hashes } = await threads.hash(modest, MiB, never);
    expect(hashes).toHaveLength(16 * 20);
    expect(threads.count).toBe(Math.min(8, availableParallelism()));
    for (const stop of stops) stop.abort(reason);
    expect(new Set((await ended).map((each) => each.status === 'rejected' && each.reason))).toEqual(
      new Set([reason]),
    );
    expect(await openIn(at())).toEqual([]);
  });

  it('have closed all files when a job is stopped half-way', async () => {
    const files = await sparse('data', endless);
    const threads = threadsFor({ most: 2 });
    const stop = new AbortController();
    const hashing = threads.hash(files, MiB, stop.signal);
    await until(() => isOpen('data'));
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(hashing).rejects.toBe(reason);
    expect(await openIn(at())).toEqual([]);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['is written to', (path) => appendFile(path, 'more')],
    ['is cut', (path) => truncate(path, MiB)],
    [
      'is put another in its place for',
      async (path) => {
        await writeFile(`${path}.new`, '');
        await truncate(`${path}.new`, endless);
        await rename(`${path}.new`, path);
      },
    ],
    ['is taken away', (path) => rm(path)],
  ])('name a file that %s while they read it', async (_, change) => {
    await writeFiles(at('data'), { before: 'x' });
    await sparse('data/changing', endless);
    const files = await scan('data');
    const threads = threadsFor({ most: 2 });
    const hashing = threads.hash(files, MiB, never);
    const rejection = expect(hashing).rejects.toMatchObject({
      code: 'CONTENT_CHANGED',
      message: expect.stringContaining(at('data', 'changing')),
    });
    await until(() => isOpen('data/changing'));
    await change(at('data', 'changing'));
    await rejection;
    expect(await openIn(at())).toEqual([]);
  });

  it('have one file open each, however many there are', async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `${index}`);
    await writeFiles(at('data'), Object.fromEntries(names.map((name) => [name, name])));
    const threads = threadsFor({ most: 2, perJob: 2 });
    const hashing = threads.hash(await scan('data'), 16, never);
    const most: number[] = [];
    let isOver = false;
    void hashing.finally(() => {
      isOver = true;
    });
    await until(async () => {
      most.push((await openIn(at())).length);
      return isOver;
    });
    const { hashes } = await hashing;
    const sorted = Buffer.from([...names].sort().join(''));
    const digest = createHash('sha1').update(sorted.subarray(0, 16)).digest();
    expect(hashes).toHaveLength(Math.ceil(sorted.length / 16) * 20);
    expect(Buffer.compare(hashes.subarray(0, 20), digest)).toBe(0);
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
  });

  it.each([
    ['ends of itself', 'process.exit(7)', /exit code/],
    ['throws', 'throw new Error("broken")', /broken/],
    [
      'runs out of memory',
      'const all = []; for (;;) all.push(new Array(1e5).fill(0));',
      /OUT_OF_MEMORY/,
    ],
  ])('say so when one of them %s, and others take its place', async (_, code, message) => {
    const files = await sparse('data', 32 * MiB);
    const workerSource = `require('node:worker_threads').parentPort.on('message', () => { ${code} });`;
    const threads = threadsFor({ most: 2, workerSource });
    for (const _time of ['first', 'second']) {
      await expect(threads.hash(files, MiB, never)).rejects.toMatchObject({
        code: 'INTERNAL',
        message: expect.stringMatching(message),
      });
    }
  });

  it('end when there was nothing to hash for a while, and are started again', async () => {
    const files = await sparse('data', 32 * MiB);
    const threads = threadsFor({ most: 2, idleMs: 1 });
    const { hashes } = await threads.hash(files, MiB, never);
    await until(() => threads.count === 0);
    expect((await threads.hash(files, MiB, never)).hashes).toEqual(hashes);
  });

  it('end at once when they are closed, with what they were at', async () => {
    const files = await sparse('data', endless);
    const threads = createHashingThreads({ most: 2 });
    const hashing = threads.hash(files, MiB, never);
    const rejection = expect(hashing).rejects.toMatchObject({ code: 'CLOSED' });
    await until(() => isOpen('data'));
    await threads.close();
    await rejection;
    expect([threads.count, await openIn(at())]).toEqual([0, []]);
    await expect(threads.hash(files, MiB, never)).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('are not started for little content', async () => {
    await writeFiles(at('little'), { a: 'x', b: 'y' });
    const little = await scan('little');
    const threads = threadsFor();
    expect(await hashPieces(little, MiB, never, threads)).toHaveLength(20);
    expect(threads.count).toBe(0);
    const large = await sparse('large', 32 * MiB);
    expect(await hashPieces(large, MiB, never, threads)).toHaveLength(32 * 20);
    expect(threads.count).toBe(Math.min(2, availableParallelism()));
  });
});
