// What is taken for a change of a file, by its stamps alone.
import { describe, expect, it } from 'vitest';
import type { FileStamp } from '../../../../src/storage/disk/file-stamp.js';
import { FileLooks } from '../../../../src/storage/watch/file-looks.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const { metainfo } = scratchTorrent(100, [
  { path: 'a', lengthBytes: 250 },
  { path: 'empty', lengthBytes: 0 },
  { path: 'b', lengthBytes: 250 },
]);
const [, , file = metainfo.files[0]] = metainfo.files;
const published: FileStamp = {
  device: 2n ** 63n + 1n,
  inode: 2n ** 64n - 1n,
  birthNs: -1n,
  sizeBytes: 250,
  mtimeNs: -5_000_000_000n,
  ctimeNs: 1_790_000_000_123_456_789n,
  linkCount: 1,
};

/** How often a file of these stamps, one after the other, is taken to have been changed. */
function changes(...stamps: readonly FileStamp[]): number {
  if (file === undefined) throw new Error('no file');
  let count = 0;
  const looks = new FileLooks({
    metainfo,
    stamps: new Map([[file, published]]),
    onChanged() {
      count += 1;
    },
  });
  for (const stamp of stamps) looks.saw(file, stamp);
  return count;
}

const later = published.ctimeNs + 1n;

describe('a file', () => {
  it('is unchanged when its stamp is, however large or old its numbers', () => {
    expect(changes(published, { ...published })).toBe(0);
  });

  it.each([
    ['size', { sizeBytes: 251 }],
    ['time of modification', { mtimeNs: published.mtimeNs + 1n }],
    ['time of change', { ctimeNs: later }],
    ['inode and time of change', { inode: 7n, ctimeNs: later }],
    ['inode, names and time of change', { inode: 7n, linkCount: 2, ctimeNs: later }],
  ])('is changed by another %s, once', (_, change) => {
    const changed = { ...published, ...change };
    expect(changes(changed, changed)).toBe(1);
    expect(changes(changed, published)).toBe(2);
  });

  it('is not changed by names that come and go', () => {
    const linked = { ...published, linkCount: 2, ctimeNs: later };
    const unlinked = { ...linked, linkCount: 1, ctimeNs: later + 1n };
    expect(changes(linked, unlinked)).toBe(0);
    expect(changes(linked, { ...linked, ctimeNs: later + 1n })).toBe(1);
  });

  it('is not changed by a file system that numbers its files anew', () => {
    expect(changes({ ...published, inode: 7n, device: 3n }, { ...published, inode: 8n })).toBe(0);
  });
});
