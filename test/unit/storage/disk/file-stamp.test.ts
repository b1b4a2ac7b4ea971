import { link, lstat, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type FileStamp,
  isSameFile,
  isUnchanged,
  stampOf,
} from '../../../../src/storage/disk/file-stamp.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';

async function stampAt(path: string): Promise<FileStamp> {
  return stampOf(await lstat(path, { bigint: true }));
}

async function fileIn(folder: string, name = 'file') {
  const path = join(folder, name);
  await writeFile(path, 'content');
  return { path, stamp: await stampAt(path) };
}

describe('a file', () => {
  it('is the same by every name, and after every change', async () => {
    const folder = await scratchFolder();
    const { path, stamp } = await fileIn(folder);
    await link(path, join(folder, 'other'));
    await rename(path, join(folder, 'moved'));
    await writeFile(join(folder, 'moved'), 'other content');
    for (const name of ['other', 'moved']) {
      const now = await stampAt(join(folder, name));
      expect(isSameFile(stamp, now)).toBe(true);
      expect(isUnchanged(stamp, now)).toBe(false);
    }
  });

  it('is not the one that lay at its path before, though that left it its inode', async () => {
    const folder = await scratchFolder();
    for (let round = 0; round < 10; round++) {
      const { path, stamp } = await fileIn(folder);
      // The clock of births may count in steps of some milliseconds.
      await expect
        .poll(async () => (await fileIn(folder, 'clock')).stamp.ctimeNs)
        .not.toBe(stamp.ctimeNs);
      await rm(path);
      const { stamp: next } = await fileIn(folder);
      expect(isSameFile(stamp, next)).toBe(false);
    }
  });

  it('has changed though its size and time were restored', async () => {
    const { path, stamp } = await fileIn(await scratchFolder());
    const { atime, mtime } = await lstat(path);
    await utimes(path, atime, mtime);
    const before = await stampAt(path);
    await expect
      .poll(async () => {
        await writeFile(path, 'CONTENT');
        await utimes(path, atime, mtime);
        return (await stampAt(path)).ctimeNs;
      })
      .not.toBe(before.ctimeNs);
    const after = await stampAt(path);
    expect([after.sizeBytes, after.mtimeNs]).toEqual([before.sizeBytes, before.mtimeNs]);
    expect(isUnchanged(before, after)).toBe(false);
    expect(isSameFile(stamp, after)).toBe(true);
  });
});

describe('what is not known of a file', () => {
  it('tells it from no other', async () => {
    const { stamp } = await fileIn(await scratchFolder());
    const { sizeBytes, mtimeNs } = stamp;
    expect(isUnchanged({ sizeBytes, mtimeNs }, stamp)).toBe(true);
    expect(isSameFile({ ...stamp, birthNs: 0n }, stamp)).toBe(true);
    expect(isUnchanged({ sizeBytes, mtimeNs: mtimeNs + 1n }, stamp)).toBe(false);
  });
});
