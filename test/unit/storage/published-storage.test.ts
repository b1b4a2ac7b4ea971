// What was published is looked at when it is opened, and read only when somebody asks.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { limitConcurrency } from '../../../src/async/limit-concurrency.js';
import { createDisk } from '../../../src/storage/content/disk.js';
import { openPublishedStorage } from '../../../src/storage/published-storage.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { layOut } from '../../support/torrents/sample-on-disk.js';
import { scratchTorrent } from '../../support/torrents/scratch-torrent.js';

async function scene() {
  const torrent = scratchTorrent(100, [
    { path: 'a', lengthBytes: 100 },
    { path: 'empty', lengthBytes: 0 },
    { path: 'b', lengthBytes: 100 },
  ]);
  const contentPath = join(await scratchFolder(), 'content');
  await layOut(torrent, contentPath);
  const disk = createDisk();
  const opened = vi.spyOn(disk.handles, 'use');
  const open = async () => {
    const storage = await openPublishedStorage(
      { disk, limit: limitConcurrency(1) },
      {
        metainfo: torrent.metainfo,
        contentPath,
        role: 'seed',
        signal: new AbortController().signal,
        onWarning: () => {},
        onFailure: () => {},
      },
    );
    onTestFinished(() => storage.close());
    return storage;
  };
  return { torrent, contentPath, opened, open };
}

describe('published content', () => {
  it('is whole once it was looked at, and no file of it is opened before somebody reads', async () => {
    const { torrent, opened, open } = await scene();
    const storage = await open();
    const { verifiedBytes } = await storage.check(new AbortController().signal);
    expect(verifiedBytes).toBe(200);
    await storage.complete();
    expect(opened).not.toHaveBeenCalled();
    const piece = Buffer.alloc(100);
    await storage.content.readInto(100, piece);
    expect(piece.equals(torrent.piece(1))).toBe(true);
    expect(opened).toHaveBeenCalled();
  });

  it('that was changed since it was looked at is given to nobody', async () => {
    const { contentPath, open } = await scene();
    const storage = await open();
    await writeFile(join(contentPath, 'b'), Buffer.alloc(100, 7));
    await expect(storage.content.readInto(100, Buffer.alloc(100))).rejects.toMatchObject({
      code: 'CONTENT_CHANGED',
    });
  });

  it('that is not there is told by its path', async () => {
    const { contentPath, open } = await scene();
    await rm(join(contentPath, 'b'));
    await expect(open()).rejects.toMatchObject({
      code: 'DISK_GONE',
      message: expect.stringContaining(join(contentPath, 'b')),
    });
  });
});
