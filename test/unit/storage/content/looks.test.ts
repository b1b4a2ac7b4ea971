// How often a download looks at what lies at its paths: once a file and once a folder for each record, of those files alone
// that were written to, and once for each at the end.
import type * as promises from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createDisk } from '../../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../../src/storage/content/torrent-storage.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const looks: string[] = [];

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof promises>();
  const lstat = (path: string, options: { bigint: true }) => {
    looks.push(path);
    return original.lstat(path, options);
  };
  return { ...original, lstat };
});

function looksSince(): number {
  return looks.splice(0).length;
}

it('looks as often as there is something to look at', async () => {
  const folders = 5;
  const files = Array.from({ length: 100 }, (_, nth) => ({
    path: `${nth % folders}/${nth}`,
    lengthBytes: 100,
  }));
  const torrent = scratchTorrent(100, files);
  const contentPath = join(await scratchFolder(), 'content');
  const { metainfo } = torrent;
  const storage = openTorrentStorage({
    metainfo,
    contentPath,
    role: 'download',
    disk: createDisk(),
  });
  onTestFinished(() => storage.close());
  const write = (index: number) => storage.write(index * 100, torrent.piece(index));

  for (let index = 0; index < 100; index++) await write(index);
  if (process.platform === 'linux') expect(looksSince()).toBe(0);
  looksSince();
  await storage.flush();
  expect(looksSince()).toBe(100 + folders + 1);
  await storage.flush();
  expect(looksSince()).toBe(0);
  for (const index of [7, 7, 12]) await write(index);
  looksSince();
  await storage.flush();
  // Both lie in one folder, which is in the content's own.
  expect(looksSince()).toBe(2 + 1 + 1);
  await storage.complete();
  expect(looksSince()).toBe(100 + folders + 1);
});
