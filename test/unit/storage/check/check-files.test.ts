import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Metainfo, type MetainfoFile } from '../../../../src/metainfo/metainfo.js';
import {
  type CheckRequest,
  checkFiles,
  type KnownPieces,
} from '../../../../src/storage/check/check-files.js';
import { createDisk } from '../../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../../src/storage/content/torrent-storage.js';
import { stampOf } from '../../../../src/storage/disk/file-stamp.js';
import { hasPiece } from '../../../../src/storage/layout/bitfield.js';
import type { FileStamps } from '../../../../src/storage/storage.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { layOut } from '../../../support/torrents/sample-on-disk.js';
import type { SampleTorrent } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const run = promisify(execFile);

/** Pieces of 100: 0 and 1 in a, 1 also in b; 2 to 4 in c. */
const threeFiles = () =>
  scratchTorrent(100, [
    { path: 'a', lengthBytes: 130 },
    { path: 'sub/b', lengthBytes: 70 },
    { path: 'sub/c', lengthBytes: 250 },
  ]);

interface Found {
  readonly good: readonly number[];
  readonly verifiedBytes: number;
  /** The pieces that were read, and so hashed. */
  readonly hashed: readonly number[];
}

async function check(
  { metainfo }: SampleTorrent,
  contentPath: string,
  more: Partial<CheckRequest> = {},
): Promise<Found> {
  const storage = openTorrentStorage({
    metainfo,
    contentPath,
    role: 'download',
    disk: createDisk(),
  });
  onTestFinished(() => storage.close());
  const hashed: number[] = [];
  const { bitfield, verifiedBytes } = await checkFiles({
    metainfo,
    contentPath,
    content: storage,
    signal: new AbortController().signal,
    onPiece: (index) => void hashed.push(index),
    ...more,
  });
  const good = [...Array(metainfo.pieceCount).keys()].filter((index) => hasPiece(bitfield, index));
  return { good, verifiedBytes, hashed: hashed.sort((a, b) => a - b) };
}

const exists = (path: string, what: string) =>
  expect.objectContaining({
    code: 'DESTINATION_EXISTS',
    message: `${path} ${what}; move it away, or choose another --download-dir`,
  });

describe('checking what lies where a download goes', () => {
  it('finds nothing, and makes nothing, where there is nothing', async () => {
    const contentPath = join(await scratchFolder(), 'content');
    expect(await check(threeFiles(), contentPath)).toEqual({
      good: [],
      verifiedBytes: 0,
      hashed: [],
    });
    await expect(stat(contentPath)).rejects.toThrow('ENOENT');
  });

  it('does not look at the pieces of missing files, however many', async () => {
    const lengthBytes = 100 * 1024 ** 3;
    const pieceLengthBytes = 128 * 1024;
    const { metainfo: small } = scratchTorrent(1, [{ path: '', lengthBytes: 1 }]);
    const metainfo = new Metainfo({
      ...small,
      lengthBytes,
      pieceLengthBytes,
      pieceHashes: new Uint8Array((20 * lengthBytes) / pieceLengthBytes),
      files: [{ path: [], lengthBytes, offsetBytes: 0 }],
    });
    const contentPath = join(await scratchFolder(), 'content');
    const found = await check({ ...threeFiles(), metainfo }, contentPath);
    expect([found.verifiedBytes, found.hashed]).toEqual([0, []]);
  });

  it('adopts all of a whole download', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    expect(await check(torrent, folder)).toEqual({
      good: [0, 1, 2, 3, 4],
      verifiedBytes: 450,
      hashed: [0, 1, 2, 3, 4],
    });
  });

  it('adopts part of one: missing files, short files and empty files cost their pieces', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder, ['a', 'sub/c']);
    await truncate(join(folder, 'sub/c'), 249);
    await writeFile(join(folder, 'sub/b'), '');
    expect(await check(torrent, folder)).toEqual({
      good: [0, 2, 3],
      verifiedBytes: 300,
      hashed: [0, 2, 3],
    });
  });

  it('does not adopt a piece that was changed', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    const changed = await readFile(join(folder, 'sub/c'));
    changed[150] = 0;
    await writeFile(join(folder, 'sub/c'), changed);
    expect((await check(torrent, folder)).good).toEqual([0, 1, 2, 4]);
  });

  it('takes zeroes that happen to be good', async () => {
    const torrent = scratchTorrent(100, [
      { path: 'zeroes', lengthBytes: 250 },
      { path: 'pad', lengthBytes: 50, isPadding: true },
      { path: 'more', lengthBytes: 1 },
    ]);
    const { metainfo } = scratchTorrent(100, [{ path: '', lengthBytes: 300, isPadding: true }]);
    const zeroes = new Metainfo({
      ...metainfo,
      isFolder: true,
      lengthBytes: 300,
      files: torrent.metainfo.files.slice(0, 2),
    });
    const folder = await scratchFolder();
    await writeFile(join(folder, 'zeroes'), '');
    await truncate(join(folder, 'zeroes'), 250);
    const found = await check({ ...torrent, metainfo: zeroes }, folder);
    expect([found.good, found.verifiedBytes]).toEqual([[0, 1, 2], 300]);
  });

  it('hashes pieces of every size: many to a read, one to a read, and too large for memory', async () => {
    const mebibyte = 1024 * 1024;
    for (const [pieceLengthBytes, lengthBytes] of [
      [16_384, 3 * mebibyte + 5],
      [3 * mebibyte, 7 * mebibyte],
      [17 * mebibyte, 20 * mebibyte],
    ] as const) {
      const torrent = scratchTorrent(pieceLengthBytes, [{ path: '', lengthBytes }]);
      const path = join(await scratchFolder(), 'content');
      const content = torrent.content.slice();
      content[0] = 0;
      await writeFile(path, content);
      const pieces = [...Array(torrent.metainfo.pieceCount).keys()];
      const found = await check(torrent, path);
      expect([found.good, found.hashed]).toEqual([pieces.slice(1), pieces]);
    }
  });
});

describe('what else lies where a download goes', () => {
  it('is refused if it is a file without a good piece, though its neighbours are good', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder, ['a', 'sub/b']);
    const foreign = join(folder, 'sub/c');
    await writeFile(foreign, 'my diary');
    await expect(check(torrent, folder)).rejects.toEqual(
      exists(foreign, 'holds nothing of this torrent'),
    );
    expect(await readFile(foreign, 'utf8')).toBe('my diary');
  });

  it('is refused if it is a longer file, even if all pieces are good', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    await writeFile(join(folder, 'a'), Buffer.concat([torrent.bytesOf('a'), Buffer.of(1)]));
    await expect(check(torrent, folder)).rejects.toEqual(
      exists(join(folder, 'a'), "is longer than the torrent's file of 130 bytes"),
    );
  });

  it.each([
    ['a folder', (path: string) => mkdir(path), 'a file'],
    ['a FIFO', (path: string) => run('mkfifo', [path]), 'a file'],
    ['a symbolic link', (path: string) => symlink('/etc/hosts', path), 'a file'],
  ] as const)('is refused if it is %s in place of a file', async (kind, make, wanted) => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await make(join(folder, 'a'));
    await expect(check(torrent, folder)).rejects.toEqual(
      exists(join(folder, 'a'), `is ${kind} where the download would put ${wanted}`),
    );
  });

  it('is refused if it is a file or a link in place of a folder', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await writeFile(join(folder, 'sub'), '');
    await expect(check(torrent, folder)).rejects.toEqual(
      exists(join(folder, 'sub'), 'is a file where the download would put a folder'),
    );
    await rm(join(folder, 'sub'));
    await symlink(await scratchFolder(), join(folder, 'sub'));
    await expect(check(torrent, folder)).rejects.toEqual(
      exists(join(folder, 'sub'), 'is a symbolic link where the download would put a folder'),
    );
    const link = join(await scratchFolder(), 'content');
    await symlink(folder, link);
    await expect(check(torrent, link)).rejects.toEqual(
      exists(link, 'is a symbolic link where the download would put a folder'),
    );
  });

  it('stays if it is another file beside the torrent', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await writeFile(join(folder, 'diary'), 'mine');
    expect((await check(torrent, folder)).good).toEqual([]);
    expect(await readdir(folder)).toEqual(['diary']);
  });

  it('is not what a download left behind whose first write failed', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await mkdir(join(folder, 'sub/b'), { recursive: true });
    const { metainfo } = torrent;
    const options = {
      metainfo,
      contentPath: folder,
      role: 'download',
      disk: createDisk(),
    } as const;
    const storage = openTorrentStorage(options);
    await expect(storage.write(100, torrent.piece(1))).rejects.toThrow('sub/b');
    await storage.close();
    await rm(join(folder, 'sub/b'), { recursive: true });
    expect((await check(torrent, folder)).good).toEqual([]);
  });
});

describe('what is known of the pieces', () => {
  const none = Uint8Array.of(0);
  const all = Uint8Array.of(0b1111_1000);
  const ofNobody = { owned: new Set<MetainfoFile>(), changed: new Set<MetainfoFile>() };
  const known = (known: Partial<KnownPieces>) => ({
    knownPieces: () => ({ trusted: none, doubtful: none, ...ofNobody, ...known }),
  });

  it('has the doubtful ones read, and neither the trusted nor the others', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    const someKnown = known({
      trusted: Uint8Array.of(0b1010_0000),
      doubtful: Uint8Array.of(0b0110_0000),
    });
    expect(await check(torrent, folder, someKnown)).toEqual({
      good: [0, 1, 2],
      verifiedBytes: 300,
      hashed: [1],
    });
  });

  it('does not have doubtful ones read that are not wholly there', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder, ['a', 'sub/c']);
    await truncate(join(folder, 'sub/c'), 120);
    const found = await check(torrent, folder, known({ doubtful: all }));
    expect([found.good, found.hashed]).toEqual([
      [0, 2],
      [0, 2],
    ]);
  });

  it('depends on the files there are', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder, ['sub/b']);
    const seen: FileStamps[] = [];
    const knownPieces = (stamps: FileStamps) => {
      seen.push(stamps);
      return { trusted: none, doubtful: none, ...ofNobody, owned: new Set(stamps.keys()) };
    };
    await check(torrent, folder, { knownPieces });
    const stamp = stampOf(await stat(join(folder, 'sub/b'), { bigint: true }));
    expect(seen).toEqual([new Map([[torrent.metainfo.files[1], stamp]])]);
  });

  it('makes a file ours, or not, though nothing of it is good any more', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const path = join(folder, 'a');
    await writeFile(path, 'cut short');
    const owned = new Set(torrent.metainfo.files.slice(0, 1));
    expect((await check(torrent, folder, known({ doubtful: all, owned }))).good).toEqual([]);
    await expect(check(torrent, folder, known({}))).rejects.toEqual(
      exists(path, 'holds nothing of this torrent'),
    );
  });
});

describe('an abort', () => {
  it('ends a check before it begins', async () => {
    const signal = AbortSignal.abort(new Error('paused'));
    await expect(check(threeFiles(), await scratchFolder(), { signal })).rejects.toThrow('paused');
  });

  it('ends a check under way with its reason, and few more pieces are read', async () => {
    const mebibyte = 1024 * 1024;
    const torrent = scratchTorrent(mebibyte, [{ path: '', lengthBytes: 24 * mebibyte }]);
    const path = join(await scratchFolder(), 'content');
    await writeFile(path, torrent.content);
    const controller = new AbortController();
    const checked: number[] = [];
    const checking = check(torrent, path, {
      signal: controller.signal,
      onPiece: (index) => {
        checked.push(index);
        controller.abort(new Error('paused'));
      },
    });
    await expect(checking).rejects.toThrow('paused');
    expect(checked.length).toBe(1);
  });

  it('does not wait for a disk that hangs', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    const { metainfo } = torrent;
    const disk = createDisk();
    const storage = openTorrentStorage({ metainfo, contentPath: folder, role: 'download', disk });
    onTestFinished(() => storage.close());
    const controller = new AbortController();
    const hanging = {
      ...storage,
      readInto: () => {
        controller.abort(new Error('paused'));
        return new Promise<void>(() => {});
      },
    };
    const { signal } = controller;
    await expect(check(torrent, folder, { signal, content: hanging })).rejects.toThrow('paused');
  });
});
