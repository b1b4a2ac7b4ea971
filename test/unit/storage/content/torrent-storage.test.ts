import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { diskLimits } from '../../../../src/limits.js';
import type { MetainfoFile } from '../../../../src/metainfo/metainfo.js';
import { createDisk, type Disk } from '../../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../../src/storage/content/torrent-storage.js';
import { syncAndStat, syncFile } from '../../../../src/storage/disk/file-io.js';
import type { FileStamp } from '../../../../src/storage/disk/file-stamp.js';
import { fileStatus } from '../../../../src/storage/layout/file-status.js';
import type { TorrentStorage } from '../../../../src/storage/storage.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { layOut } from '../../../support/torrents/sample-on-disk.js';
import type { SampleTorrent } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';
import { until } from '../../../support/waiting.js';

const run = promisify(execFile);

function open(
  torrent: SampleTorrent,
  contentPath: string,
  role: 'seed' | 'download',
  disk: Disk = createDisk(),
): TorrentStorage {
  const storage = openTorrentStorage({ metainfo: torrent.metainfo, contentPath, role, disk });
  onTestFinished(() => storage.close());
  return storage;
}

/** As a check does, of what lies there. */
async function adopt(storage: TorrentStorage, { metainfo }: SampleTorrent, contentPath: string) {
  const stamps = new Map<MetainfoFile, FileStamp>();
  for (const file of metainfo.files) {
    const stamp = await fileStatus(contentPath, file);
    if (stamp) stamps.set(file, stamp);
  }
  storage.adopt({ stamps, unconfirmed: [], changed: [] });
}

/** Of `readInto`. */
async function read(storage: TorrentStorage, offsetBytes: number, lengthBytes: number) {
  const target = Buffer.alloc(lengthBytes, 255);
  await storage.readInto(offsetBytes, target);
  return target;
}

async function writePieces(storage: TorrentStorage, torrent: SampleTorrent) {
  const { pieceCount, pieceLengthBytes } = torrent.metainfo;
  for (let index = pieceCount - 1; index >= 0; index--) {
    await storage.write(index * pieceLengthBytes, torrent.piece(index));
  }
}

/** The files below `folder` that this process has open, with their access mode: 0 is read-only. */
async function openBelow(folder: string): Promise<{ path: string; mode: number }[]> {
  const found = await Promise.all(
    (await readdir('/proc/self/fd')).map(async (descriptor) => {
      const path = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '');
      if (!path.startsWith(folder)) return [];
      const info = await readFile(`/proc/self/fdinfo/${descriptor}`, 'utf8').catch(() => '');
      return [{ path, mode: Number.parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? '3', 8) & 3 }];
    }),
  );
  return found.flat();
}

/** The paths that are synced from now on, in the order in which that ended. */
function watchSyncs(disk: Disk): string[] {
  const synced: string[] = [];
  const use = disk.handles.use.bind(disk.handles);
  disk.handles.use = (file, deed) =>
    use(file, async (descriptor) => {
      const result = await deed(descriptor);
      const isSync = ([syncFile, syncAndStat] as readonly unknown[]).includes(deed);
      if (isSync) synced.push(await readlink(`/proc/self/fd/${descriptor}`));
      return result;
    });
  return synced;
}

const threeFiles = () =>
  scratchTorrent(100, [
    { path: 'a.bin', lengthBytes: 130 },
    { path: 'deep/er/b.bin', lengthBytes: 7 },
    { path: 'deep/empty', lengthBytes: 0 },
    { path: 'c.bin', lengthBytes: 263 },
  ]);

const failsWith = (code: string, ...words: string[]) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(
      new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')),
    ),
  });

describe('torrent storage that seeds', () => {
  it('reads ranges within and across files', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    const storage = open(torrent, folder, 'seed');
    for (const [from, length] of [
      [0, 400],
      [0, 1],
      [129, 10],
      [130, 7],
      [399, 1],
      [200, 0],
    ] as const) {
      const bytes = await read(storage, from, length);
      expect(Buffer.compare(bytes, torrent.content.subarray(from, from + length))).toBe(0);
      const target = new Uint8Array(length);
      await storage.readAhead(from, target);
      expect(Buffer.compare(target, bytes)).toBe(0);
    }
  });

  it('reads the file itself for a single-file torrent, whatever its name', async () => {
    const torrent = scratchTorrent(16, [{ path: '', lengthBytes: 40 }]);
    const path = join(await scratchFolder(), 'a:b?*<|>"\\\n\u0001 ü.bin');
    await writeFile(path, torrent.content);
    expect(await read(open(torrent, path, 'seed'), 0, 40)).toEqual(Buffer.from(torrent.content));
  });

  it.runIf(process.platform === 'linux')('opens files read-only, read-only ones too', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    await chmod(join(folder, 'a.bin'), 0o444);
    await read(open(torrent, folder, 'seed'), 0, 400);
    const modes = (await openBelow(folder)).map((file) => file.mode);
    expect(modes).toEqual([0, 0, 0]);
  });

  it('follows the links the user published', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const elsewhere = await scratchFolder();
    await layOut(torrent, elsewhere);
    await symlink(join(elsewhere, 'deep'), join(folder, 'deep'));
    await symlink(join(elsewhere, 'a.bin'), join(folder, 'a.bin'));
    await symlink(join(elsewhere, 'c.bin'), join(folder, 'c.bin'));
    expect((await read(open(torrent, folder, 'seed'), 100, 50)).length).toBe(50);
  });

  it('says which file is missing, too short, or none at all', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    await rm(join(folder, 'deep/er/b.bin'));
    await truncate(join(folder, 'c.bin'), 200);
    await rm(join(folder, 'a.bin'));
    await mkdir(join(folder, 'a.bin'));
    const storage = open(torrent, folder, 'seed');
    await expect(read(storage, 132, 3)).rejects.toEqual(
      failsWith('DISK_GONE', 'b.bin', 'put it back'),
    );
    await expect(read(storage, 330, 20)).rejects.toEqual(
      failsWith('DISK_FAILED', 'c.bin', 'ends before'),
    );
    await expect(read(storage, 0, 20)).rejects.toEqual(
      failsWith('DISK_FAILED', 'a.bin', 'regular file'),
    );
    expect((await read(storage, 300, 20)).length).toBe(20);
  });

  it('tells once of a file that cannot be read, again when it could be read in between, and never of many', async () => {
    const files = Array.from({ length: 30 }, (_, nth) => ({ path: `${nth}`, lengthBytes: 10 }));
    const torrent = scratchTorrent(10, files);
    const folder = await scratchFolder();
    const told: string[] = [];
    const storage = openTorrentStorage({
      metainfo: torrent.metainfo,
      contentPath: folder,
      role: 'seed',
      disk: createDisk(),
      onUnreadable: ({ code, message }) => told.push(`${code} ${message}`),
    });
    onTestFinished(() => storage.close());
    const tryToRead = async (nth: number) => {
      for (let time = 0; time < 2; time++) await read(storage, nth * 10, 10).catch(() => {});
    };
    await tryToRead(0);
    expect(told).toEqual([expect.stringMatching(`^DISK_GONE ${join(folder, '0')} is no longer`)]);
    await layOut(torrent, folder);
    await tryToRead(0);
    await truncate(join(folder, '0'), 9);
    await tryToRead(0);
    expect(told).toEqual([
      expect.anything(),
      expect.stringMatching(`^DISK_FAILED ${join(folder, '0')} ends before byte 10`),
    ]);
    await rm(folder, { recursive: true });
    for (let nth = 1; nth < 30; nth++) await tryToRead(nth);
    expect(told).toHaveLength(11);
  });

  it('does not wait for the other end of a FIFO', async () => {
    const torrent = scratchTorrent(16, [{ path: '', lengthBytes: 40 }]);
    const path = join(await scratchFolder(), 'fifo');
    await run('mkfifo', [path]);
    await expect(read(open(torrent, path, 'seed'), 0, 40)).rejects.toEqual(
      failsWith('DISK_FAILED', 'fifo'),
    );
  });

  it('writes nothing', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const storage = open(torrent, folder, 'seed');
    await expect(storage.write(0, torrent.piece(0))).rejects.toEqual(failsWith('INTERNAL', 'bug'));
    await storage.flush();
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses ranges that are not in the torrent as a bug', async () => {
    const storage = open(threeFiles(), await scratchFolder(), 'seed');
    await expect(read(storage, 390, 11)).rejects.toEqual(failsWith('INTERNAL', 'bug'));
    await expect(read(storage, -1, 1)).rejects.toEqual(failsWith('INTERNAL', 'bug'));
  });
});

describe('torrent storage that downloads', () => {
  it('says nothing of what is not downloaded yet while it reads ahead', async () => {
    const told: string[] = [];
    const torrent = scratchTorrent(64 * 1024, [{ path: '', lengthBytes: 128 * 1024 }]);
    const storage = openTorrentStorage({
      metainfo: torrent.metainfo,
      contentPath: join(await scratchFolder(), 'x'),
      role: 'download',
      disk: createDisk(),
      onUnreadable: ({ message }) => told.push(message),
    });
    onTestFinished(() => storage.close());
    await storage.write(0, torrent.piece(0));
    const target = new Uint8Array(128 * 1024);
    await expect(storage.readAhead(0, target)).rejects.toThrow('ends before');
    await storage.readAhead(0, target.subarray(0, 64 * 1024));
    expect(told).toEqual([]);
    await expect(read(storage, 64 * 1024, 16 * 1024)).rejects.toThrow('ends before');
    expect(told).toEqual([expect.stringContaining('ends before')]);
  });

  it('makes folders and files as pieces come, in any order, and empty files when it is complete', async () => {
    const torrent = threeFiles();
    const contentPath = join(await scratchFolder(), 'not/yet/there');
    const storage = open(torrent, contentPath, 'download');
    await storage.write(300, torrent.piece(3));
    expect(await readdir(contentPath)).toEqual(['c.bin']);
    await writePieces(storage, torrent);
    await storage.flush();
    expect(existsSync(join(contentPath, 'deep/empty'))).toBe(false);
    await storage.complete();
    for (const path of ['a.bin', 'deep/er/b.bin', 'deep/empty', 'c.bin']) {
      expect(Buffer.compare(await readFile(join(contentPath, path)), torrent.bytesOf(path))).toBe(
        0,
      );
    }
    await storage.close();
    expect(await readdir(contentPath)).toEqual(['a.bin', 'c.bin', 'deep']);
  });

  it('reads back what it wrote over what was there', async () => {
    const torrent = scratchTorrent(16_384, [{ path: 'x', lengthBytes: 300_000 }]);
    const folder = await scratchFolder();
    await writeFile(join(folder, 'x'), new Uint8Array(300_000));
    const storage = open(torrent, folder, 'download');
    await adopt(storage, torrent, folder);
    for (let at = 0; at < 5 * 16_384; at += 16_384) await read(storage, at, 16_384);
    await writePieces(storage, torrent);
    for (let at = 0; at < 300_000; at += 1000) {
      const bytes = await read(storage, at, 1000);
      expect(Buffer.compare(bytes, torrent.content.subarray(at, at + 1000))).toBe(0);
    }
  });

  it('does not remember that a file was short once it has grown', async () => {
    const torrent = scratchTorrent(1000, [{ path: '', lengthBytes: 20_000 }]);
    const storage = open(torrent, join(await scratchFolder(), 'x'), 'download');
    await storage.write(0, torrent.piece(0));
    for (let nth = 0; nth < 3; nth++) expect((await read(storage, 0, 1000)).length).toBe(1000);
    await expect(read(storage, 5000, 1000)).rejects.toEqual(
      failsWith('DISK_FAILED', 'ends before'),
    );
    await storage.write(19_000, torrent.piece(19));
    expect(await read(storage, 5000, 1000)).toEqual(Buffer.alloc(1000));
  });

  it('never writes padding, and reads it as zeroes', async () => {
    const torrent = scratchTorrent(64, [
      { path: 'a', lengthBytes: 40 },
      { path: '.pad/24', lengthBytes: 24, isPadding: true },
      { path: 'b', lengthBytes: 10 },
    ]);
    const folder = await scratchFolder();
    const storage = open(torrent, folder, 'download');
    await writePieces(storage, torrent);
    await storage.flush();
    expect(await readdir(folder)).toEqual(['a', 'b']);
    expect(Buffer.compare(await read(storage, 0, 74), torrent.content)).toBe(0);
  });

  it.each([
    ['the file', 'a.bin'],
    ['a folder in the middle', 'deep'],
    ['a folder at the end', 'deep/er'],
    ['the content path itself', '.'],
  ])('refuses a link in place of %s, to read and to write', async (_, linked) => {
    const torrent = threeFiles();
    const elsewhere = await scratchFolder();
    await layOut(torrent, elsewhere);
    const contentPath = join(await scratchFolder(), 'content');
    const link = join(contentPath, linked);
    await mkdir(join(link, '..'), { recursive: true });
    await symlink(join(elsewhere, linked), link);
    const storage = open(torrent, contentPath, 'download');
    const at = linked === 'a.bin' ? 0 : 130;
    const bytes = new Uint8Array(3).fill(255);
    const refused = failsWith('DESTINATION_EXISTS', link, 'symbolic link');
    await expect(storage.write(at, bytes)).rejects.toEqual(refused);
    await expect(read(storage, at, 3)).rejects.toEqual(refused);
    expect(Buffer.compare(await readFile(join(elsewhere, 'a.bin')), torrent.bytesOf('a.bin'))).toBe(
      0,
    );
  });

  it('refuses a dangling link without making its target', async () => {
    const torrent = scratchTorrent(16, [{ path: '', lengthBytes: 16 }]);
    const folder = await scratchFolder();
    await symlink(join(folder, 'target'), join(folder, 'content'));
    const storage = open(torrent, join(folder, 'content'), 'download');
    await expect(storage.write(0, torrent.content)).rejects.toEqual(
      failsWith('DESTINATION_EXISTS'),
    );
    expect(await readdir(folder)).toEqual(['content']);
  });

  it('refuses to write where another download writes, until that one is closed', async () => {
    const torrent = scratchTorrent(16, [{ path: '', lengthBytes: 32 }]);
    const path = join(await scratchFolder(), 'content');
    const disk = createDisk();
    const first = open(torrent, path, 'download', disk);
    const second = open(torrent, path, 'download', disk);
    await first.write(0, torrent.piece(0));
    await expect(second.write(16, torrent.piece(1))).rejects.toEqual(
      failsWith('DESTINATION_EXISTS', path, 'another download'),
    );
    await first.close();
    await adopt(second, torrent, path);
    await second.write(16, torrent.piece(1));
    expect(Buffer.compare(await read(second, 0, 32), torrent.content)).toBe(0);
  });

  it('writes to no file that appeared since one looked', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const storage = open(torrent, folder, 'download');
    storage.adopt({ stamps: new Map(), unconfirmed: [], changed: [] });
    const path = join(folder, 'a.bin');
    await writeFile(path, 'mine');
    const refused = failsWith(
      'DESTINATION_EXISTS',
      path,
      'appeared where the download would write',
    );
    await expect(storage.make([{ offsetBytes: 0, lengthBytes: 100 }])).rejects.toEqual(refused);
    await expect(storage.write(0, torrent.piece(0))).rejects.toEqual(refused);
    await storage.close();
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('writes to no file but the one that it made, though it must open it again', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const disk = createDisk({ maxOpenFiles: 1 });
    const storage = open(torrent, folder, 'download', disk);
    await storage.write(0, torrent.piece(0));
    await storage.write(300, torrent.piece(3));
    const path = join(folder, 'a.bin');
    await rm(path);
    await writeFile(path, 'mine');
    const refused = failsWith('DESTINATION_EXISTS', path, 'is another file');
    await expect(storage.write(0, torrent.piece(0))).rejects.toEqual(refused);
    await expect(read(storage, 0, 10)).rejects.toEqual(refused);
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('removes at its close what it made and did not verify, and nothing that took its place', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const storage = open(torrent, folder, 'download');
    await storage.make([{ offsetBytes: 0, lengthBytes: 400 }]);
    expect((await readdir(folder)).sort()).toEqual(['a.bin', 'c.bin', 'deep']);
    await rm(join(folder, 'c.bin'));
    await writeFile(join(folder, 'c.bin'), 'mine');
    await storage.close();
    expect((await readdir(folder)).sort()).toEqual(['c.bin', 'deep']);
    expect(await readFile(join(folder, 'c.bin'), 'utf8')).toBe('mine');
  });

  it('does not make a file anew that was taken away', async () => {
    const torrent = scratchTorrent(16, [
      { path: 'a', lengthBytes: 32 },
      { path: 'b', lengthBytes: 32 },
    ]);
    const folder = await scratchFolder();
    const storage = open(torrent, folder, 'download', createDisk({ maxOpenFiles: 1 }));
    await storage.write(0, torrent.piece(0));
    await storage.write(32, torrent.piece(2));
    await rm(join(folder, 'a'));
    await expect(storage.write(16, torrent.piece(1))).rejects.toEqual(
      failsWith('DISK_GONE', 'a', 'no longer there'),
    );
    await expect(storage.flush()).rejects.toEqual(failsWith('DISK_GONE', 'no longer there'));
    expect(await readdir(folder)).toEqual(['b']);
  });

  it('removes at its close what a failed first write made, and nothing else', async () => {
    const torrent = scratchTorrent(64, [
      { path: 'a', lengthBytes: 64 },
      { path: 'b', lengthBytes: 32 },
      { path: 'c', lengthBytes: 32 },
    ]);
    const folder = await scratchFolder();
    await mkdir(join(folder, 'c'));
    const storage = open(torrent, folder, 'download');
    await storage.write(0, torrent.piece(0));
    await expect(storage.write(64, torrent.piece(1))).rejects.toEqual(
      failsWith('DESTINATION_EXISTS'),
    );
    expect(await readdir(folder)).toEqual(['a', 'b', 'c']);
    await storage.close();
    expect(await readdir(folder)).toEqual(['a', 'c']);
  });

  it('tells that the disk is full, which file wanted room, and what to do', async (context) => {
    const folder = await scratchFolder();
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
    } catch {
      context.skip('a file system to fill can only be mounted by root on Linux');
    }
    onTestFinished(async () => void (await run('umount', [folder])));
    const torrent = scratchTorrent(131_072, [{ path: 'big.bin', lengthBytes: 4 * 131_072 }]);
    const contentPath = join(folder, 'content');
    const storage = open(torrent, contentPath, 'download');
    await storage.write(0, torrent.piece(0));
    const full = storage
      .write(131_072, torrent.piece(1))
      .then(() => storage.write(262_144, torrent.piece(2)));
    await expect(full).rejects.toEqual(failsWith('DISK_FULL', 'big.bin', 'make room'));
    expect(Buffer.compare(await read(storage, 0, 131_072), torrent.piece(0))).toBe(0);
    await storage.close();
  });
});

describe('a flush', () => {
  it('reaches every file and folder, though few may be open, and again after more was written', async () => {
    const files = Array.from({ length: 30 }, (_, nth) => ({
      path: `folder ${nth % 5}/${nth}`,
      lengthBytes: 50,
    }));
    const torrent = scratchTorrent(64, files);
    const folder = await scratchFolder();
    const disk = createDisk({ maxOpenFiles: 2 });
    const storage = open(torrent, join(folder, 'content'), 'download', disk);
    await storage.write(0, torrent.piece(0));
    await storage.flush();
    await writePieces(storage, torrent);
    await Promise.all([storage.flush(), storage.flush()]);
    expect(disk.handles.openFiles).toBeLessThanOrEqual(2);
    expect(Buffer.compare(await read(storage, 0, 1500), torrent.content)).toBe(0);
  });

  it.runIf(process.platform === 'linux')(
    'syncs each written file and each folder that got a name, once, and ends no sooner for a second caller',
    async () => {
      const torrent = threeFiles();
      const folder = await scratchFolder();
      const disk = createDisk();
      const synced = watchSyncs(disk);
      const storage = open(torrent, join(folder, 'content'), 'download', disk);
      await writePieces(storage, torrent);
      const first = storage.complete();
      await storage.complete();
      const inside = ['', '/a.bin', '/c.bin', '/deep', '/deep/empty', '/deep/er', '/deep/er/b.bin'];
      expect(synced.sort()).toEqual([folder, ...inside.map((path) => `${folder}/content${path}`)]);
      await first;
      await storage.write(0, torrent.piece(0));
      await storage.flush();
      expect(synced.slice(8)).toEqual([`${folder}/content/a.bin`]);
    },
  );

  it('never succeeds once it failed', async () => {
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const disk = createDisk({ maxOpenFiles: 1 });
    const storage = open(torrent, folder, 'download', disk);
    await writePieces(storage, torrent);
    await read(storage, 200, 1);
    const failed = failsWith('DISK_GONE', 'a.bin');
    await rm(join(folder, 'a.bin'));
    await expect(storage.flush()).rejects.toEqual(failed);
    await layOut(torrent, folder);
    await expect(storage.flush()).rejects.toEqual(failed);
  });
});

describe('storages that share a disk', () => {
  it('serve 300 files at the same time with 8 open, and their folder', async () => {
    const files = Array.from({ length: 300 }, (_, nth) => ({ path: `${nth}`, lengthBytes: 100 }));
    const torrent = scratchTorrent(256, files);
    const folder = await scratchFolder();
    await layOut(torrent, folder);
    const disk = createDisk({ maxOpenFiles: 8 });
    const stores = [open(torrent, folder, 'seed', disk), open(torrent, folder, 'download', disk)];
    let most = 0;
    await Promise.all(
      stores.flatMap((storage) =>
        files.map(async (_, nth) => {
          const bytes = await read(storage, nth * 100, 100);
          most = Math.max(most, disk.handles.openFiles);
          expect(Buffer.compare(bytes, torrent.bytesOf(`${nth}`))).toBe(0);
        }),
      ),
    );
    expect(most).toBe(8);
    if (process.platform === 'linux') expect((await openBelow(folder)).length).toBe(8 + 1);
    await Promise.all(stores.map((storage) => storage.close()));
    if (process.platform === 'linux') expect(await openBelow(folder)).toEqual([]);
  });
});

describe.runIf(platform() === 'linux')('a storage at rest', () => {
  it('has none of its files and folders open, and gives and takes as before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const torrent = threeFiles();
    const folder = await scratchFolder();
    const disk = createDisk();
    const storage = open(torrent, folder, 'download', disk);
    await writePieces(storage, torrent);
    await storage.complete();
    expect((await read(storage, 0, 400)).equals(torrent.content)).toBe(true);
    expect(await openBelow(folder)).not.toEqual([]);
    for (let nth = 0; nth < 2; nth += 1) await vi.advanceTimersByTimeAsync(diskLimits.unusedFileMs);
    await until(async () => (await openBelow(folder)).length === 0, 'closed');
    expect(disk.handles.openFiles).toBe(0);
    expect((await read(storage, 0, 400)).equals(torrent.content)).toBe(true);
    await storage.write(0, torrent.piece(0));
    await storage.complete();
  });
});

describe('closing a storage', () => {
  it('waits for what runs, then refuses everything, and may be asked for twice', async () => {
    const torrent = scratchTorrent(100_000, [{ path: '', lengthBytes: 1_000_000 }]);
    const path = join(await scratchFolder(), 'x');
    const storage = open(torrent, path, 'download');
    const ended: string[] = [];
    const writes = Array.from({ length: 10 }, (_, index) =>
      storage.write(index * 100_000, torrent.piece(index)).then(() => ended.push('write')),
    );
    const closing = storage.close().then(() => ended.push('close'));
    await Promise.all([...writes, closing, storage.close()]);
    expect(ended).toEqual([...Array(10).fill('write'), 'close']);
    expect(Buffer.compare(await readFile(path), torrent.content)).toBe(0);
    for (const late of [
      () => storage.readInto(0, new Uint8Array(1)),
      () => storage.readAhead(0, new Uint8Array(1)),
      () => storage.write(0, new Uint8Array(1)),
      () => storage.flush(),
    ]) {
      await expect(late()).rejects.toEqual(failsWith('CLOSED'));
    }
  });
});
