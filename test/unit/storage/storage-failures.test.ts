// Engines on real disks that are full, read-only, or gone; skipped where one may not mount such a disk.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Failure } from '../../../machines/types.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { mayMount, mountSmallDisk } from '../../support/disks/small-disk.js';
import { download, engine, type Joined, sample, seed } from '../../support/engine/engine-setup.js';
import { expectContent } from '../../support/torrents/sample-on-disk.js';

const run = promisify(execFile);
const mebibyte = 2 ** 20;

function smallDisk(mebibytes: number, { skip }: TestContext) {
  if (!mayMount) skip('a small disk can only be mounted by root on Linux');
  return mountSmallDisk(mebibytes * mebibyte);
}

function verifiedPieces({ events }: Joined): number {
  return events.filter(({ type }) => type === 'piece.verified').length;
}

function lastFailure({ events }: Joined): Failure | undefined {
  const last = events.at(-1);
  return last && 'failure' in last ? last.failure : undefined;
}

describe('a disk that is full', () => {
  test('pauses a download, which goes on where it was when there is room', async (context) => {
    const disk = await smallDisk(3, context);
    const content = await sample({ lengthBytes: 5 * mebibyte, pieceLengthBytes: 2 ** 17 });
    const stateDir = await scratchFolder();
    const [from, to] = [await engine(), await engine({ stateDir })];
    seed(from, content);
    const contentPath = join(disk.path, content.metainfo.name);
    const first = await download(to, content, [from], { contentPath });
    const { failure } = await first.until('storage.error');
    expect(failure).toMatchObject({ code: 'DISK_FULL', isTransient: true });
    expect(failure.message).toContain('make room');
    expect(failure.message).toContain(contentPath);
    const got = verifiedPieces(first);
    expect(got).toBeGreaterThan(10);

    // Peers are not bothered while there is no room.
    const still = await download(to, content, [from], { contentPath });
    await still.until('storage.error');
    expect(still.events.map(({ type }) => type)).toEqual(['storage.error']);
    expect(lastFailure(still)).toMatchObject({ code: 'DISK_FULL' });

    await disk.resize(8 * mebibyte);
    const second = await download(to, content, [from], { contentPath });
    const { verifiedBytes } = await second.until('swarm.checked');
    expect(verifiedBytes).toBeGreaterThanOrEqual(got * 2 ** 17);
    await second.until('swarm.completed');
    expect(verifiedPieces(second)).toBe(content.metainfo.pieceCount - verifiedBytes / 2 ** 17);
    await expectContent(content, contentPath);
  });

  test('pauses one that has no resume data just as well', async (context) => {
    const disk = await smallDisk(2, context);
    const content = await sample({ lengthBytes: 3 * mebibyte, pieceLengthBytes: 2 ** 17 });
    const [from, to] = [await engine(), await engine({ stateDir: join(disk.path, 'state') })];
    seed(from, content);
    const contentPath = join(disk.path, content.metainfo.name);
    const first = await download(to, content, [from], { contentPath });
    await first.until('storage.error');
    await disk.resize(8 * mebibyte);
    const second = await download(to, content, [from], { contentPath });
    await second.until('swarm.completed');
    expect(verifiedPieces(second)).toBeLessThan(content.metainfo.pieceCount);
    await expectContent(content, contentPath);
  });
});

describe('a disk that can only be read', () => {
  test('pauses a download until it can be written', async (context) => {
    const disk = await smallDisk(8, context);
    const content = await sample();
    const [from, to] = [await engine(), await engine({ stateDir: await scratchFolder() })];
    seed(from, content);
    const contentPath = join(disk.path, 'sub', content.metainfo.name);
    await disk.setWritable(false);
    const first = await download(to, content, [from], { contentPath });
    await first.until('storage.error');
    expect(lastFailure(first)).toMatchObject({ code: 'DISK_READ_ONLY' });
    await disk.setWritable(true);
    await (await download(to, content, [from], { contentPath })).until('swarm.completed');
  });

  test('does for seeding what was downloaded to it, with resume information or without', async (context) => {
    const disk = await smallDisk(8, context);
    const content = await sample({ files: [70_000, 0, 50_000] });
    const stateDir = await scratchFolder();
    const from = await engine();
    seed(from, content);
    const contentPath = join(disk.path, content.metainfo.name);
    const first = await download(await engine({ stateDir }), content, [from], { contentPath });
    await first.until('swarm.completed');
    await first.swarm.leave();
    await disk.setWritable(false);
    for (const state of [stateDir, await scratchFolder()]) {
      const reader = await engine({ stateDir: state });
      const again = await download(reader, content, [], { contentPath });
      await again.until('swarm.completed');
      await (await download(await engine(), content, [reader])).until('swarm.completed');
      await again.swarm.leave();
    }
  });
});

describe('files that are gone', () => {
  test('pause the seed of a file until they are back', async () => {
    const content = await sample();
    const from = await engine();
    await rename(content.contentPath, `${content.contentPath}-away`);
    const first = seed(from, content);
    const { failure } = await first.until('storage.error');
    expect(failure).toMatchObject({
      code: 'DISK_GONE',
      message: expect.stringContaining(content.contentPath),
    });
    expect(first.events).toHaveLength(1);
    await rename(`${content.contentPath}-away`, content.contentPath);
    seed(from, content);
    await (await download(await engine(), content, [from])).until('swarm.completed');
  });

  test('pause a download that was about to write to them', async () => {
    const content = await sample({ lengthBytes: mebibyte });
    const [from, to] = [await engine({ upBytesPerSecond: 300_000 }), await engine()];
    seed(from, content);
    const contentPath = join(await scratchFolder(), 'sub', content.metainfo.name);
    await mkdir(dirname(contentPath));
    const first = await download(to, content, [from], { contentPath });
    await first.until('piece.verified');
    await rm(dirname(contentPath), { recursive: true });
    // The open file goes on taking what is written; the disk is asked at the end.
    await first.until('storage.error').catch(() => {});
    expect(lastFailure(first)).toMatchObject({ code: 'DISK_GONE' });
  });

  test('are told of once while others ask for them, who get them when they are back', async () => {
    const content = await sample({ files: [100_000, 100_000] });
    const from = await engine();
    const there = join(content.contentPath, 'sub', 'file-1');
    const seeding = seed(from, content);
    await seeding.until('swarm.checked');
    await truncate(there, 10);
    const first = await download(await engine(), content, [from]);
    const { failure } = await seeding.until('swarm.warned');
    expect(failure).toMatchObject({
      code: 'CONTENT_CHANGED',
      message: expect.stringContaining(`${there} is not what was published any more`),
    });
    await writeFile(there, content.bytes.subarray(100_000));
    await first.until('swarm.completed');
    await expectContent(content, first.contentPath);
    expect(seeding.events.filter(({ type }) => type === 'swarm.warned')).toHaveLength(1);
  });
});

describe('a download after a restart', () => {
  async function completed() {
    const content = await sample({ files: [100_000, 100_000, 100_000] });
    const stateDir = await scratchFolder();
    const from = await engine();
    seed(from, content);
    const to = await engine({ stateDir });
    const first = await download(to, content, [from]);
    await first.until('swarm.completed');
    await to.close();
    return { content, stateDir, from, contentPath: first.contentPath };
  }

  test('fetches only what was deleted meanwhile', async () => {
    const { content, stateDir, from, contentPath } = await completed();
    // Pieces of 32 KiB: 0 to 3 touch the first file, 3 to 6 the second, 6 to 9 the third.
    await rm(join(contentPath, 'sub', 'file-2'));
    const again = await download(await engine({ stateDir }), content, [from], { contentPath });
    const { verifiedBytes } = await again.until('swarm.checked');
    expect(verifiedBytes).toBe(32_768 * 6);
    await again.until('swarm.completed');
    expect(verifiedPieces(again)).toBe(content.metainfo.pieceCount - 6);
    await expectContent(content, contentPath);
  });

  test.each([
    ['cut', (path: string) => truncate(path, 40_000)],
    ['changed', (path: string) => writeFile(path, new Uint8Array(100_000))],
  ])('writes to no file that was complete and has been %s', async (_, alter) => {
    const { content, stateDir, from, contentPath } = await completed();
    const path = join(contentPath, 'sub', 'file-0');
    await alter(path);
    const before = await readFile(path);
    const again = await download(await engine({ stateDir }), content, [from], { contentPath });
    await expect(again.until('swarm.checked')).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
      message: expect.stringMatching(/file-0 was downloaded whole.+give the job again$/),
    });
    expect(await readFile(path)).toEqual(before);
  });

  test('goes on where it was stopped in the middle, without a good end', async () => {
    const content = await sample({ lengthBytes: 2 * mebibyte });
    const [stateDir, place, copies] = [
      await scratchFolder(),
      await scratchFolder(),
      await scratchFolder(),
    ];
    const contentPath = join(place, content.metainfo.name);
    const [slow, quick] = [await engine({ upBytesPerSecond: 2 * mebibyte }), await engine()];
    seed(slow, content);
    seed(quick, content);
    const killed = await engine({ stateDir });
    const first = await download(killed, content, [slow], { contentPath });
    await expect.poll(() => verifiedPieces(first), { timeout: 10_000 }).toBeGreaterThan(9);
    const got = verifiedPieces(first);
    // As a kill would leave them; `cp` keeps times to the nanosecond.
    await run('cp', ['-a', place, join(copies, 'place')]);
    await run('cp', ['-a', stateDir, join(copies, 'state')]);
    await killed.close();
    for (const [from, to] of [
      ['place', place],
      ['state', stateDir],
    ] as const) {
      await rm(to, { recursive: true });
      await run('cp', ['-a', join(copies, from), to]);
    }
    const second = await download(await engine({ stateDir }), content, [quick], { contentPath });
    const { verifiedBytes } = await second.until('swarm.checked');
    expect(verifiedBytes).toBeGreaterThanOrEqual(got * 32_768);
    await second.until('swarm.completed');
    expect(verifiedPieces(second)).toBe(content.metainfo.pieceCount - verifiedBytes / 32_768);
    await expectContent(content, contentPath);
  });

  test('is complete at once where nothing has changed', async () => {
    const { content, stateDir, contentPath } = await completed();
    const again = await download(await engine({ stateDir }), content, [], { contentPath });
    await again.until('swarm.completed');
    expect(again.events.map(({ type }) => type)).toEqual([
      'swarm.joined',
      'swarm.checked',
      'swarm.completed',
    ]);
  });
});
