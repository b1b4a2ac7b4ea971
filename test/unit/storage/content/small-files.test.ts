// Small files go to a thread, many at a time, and no promise that is made of other people's files is lost on the way.
import {
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { BroadcastChannel, Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDeferred } from '../../../../src/async/deferred.js';
import { limitConcurrency } from '../../../../src/async/limit-concurrency.js';
import { isFilesExhausted } from '../../../../src/files/disk-error-code.js';
import { BatchThreads } from '../../../../src/storage/batches/batch-threads.js';
import { fileBatch } from '../../../../src/storage/batches/batched-files.js';
import { checkPublished } from '../../../../src/storage/check/check-published.js';
import { createDisk, type Disk } from '../../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../../src/storage/content/torrent-storage.js';
import type { TorrentStorage } from '../../../../src/storage/storage.js';
import { ContentWatch } from '../../../../src/storage/watch/content-watch.js';
import { watchContent } from '../../../../src/storage/watch/watched-content.js';
import { eagerThreads } from '../../../support/disks/batch-threads.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { layOut } from '../../../support/torrents/sample-on-disk.js';
import type { SampleTorrent } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

interface Scene {
  readonly torrent: SampleTorrent;
  readonly contentPath: string;
  readonly disk: Disk;
  readonly storage: TorrentStorage;
  /** `files` of 100 bytes each, from the first on. */
  readonly write: (files: number) => Promise<void>;
}

async function scene(files = 100, folders = 5, threads = eagerThreads()): Promise<Scene> {
  const torrent = scratchTorrent(
    100,
    Array.from({ length: files }, (_, nth) => ({
      path: `${Math.floor((nth * folders) / files)}/in/${nth}`,
      lengthBytes: 100,
    })),
  );
  const { metainfo } = torrent;
  const contentPath = join(await scratchFolder(), 'content');
  const disk = createDisk({ threads });
  const storage = openTorrentStorage({ metainfo, contentPath, role: 'download', disk });
  onTestFinished(() => storage.close());
  const write = async (count: number) => {
    const range = { offsetBytes: 0, lengthBytes: 100 * count };
    await storage.make([range]);
    const pieces = Array.from({ length: count }, (_, nth) => torrent.piece(nth));
    await storage.write(0, ...pieces);
  };
  return { torrent, contentPath, disk, storage, write };
}

const path = ({ torrent, contentPath }: Scene, nth: number) =>
  join(contentPath, ...(torrent.metainfo.files[nth]?.path ?? []));

const failsWith = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) });

describe('small files of a download', () => {
  it('are made, written, and synced where they lie, with one trip for hundreds of them and none of the pool', async () => {
    const at = await scene();
    const trips: string[] = [];
    const { threads, handles } = at.disk;
    const run = threads.run.bind(threads);
    threads.run = (batch) => {
      trips.push(`${batch.kind} ${batch.folderOf.length}`);
      return run(batch);
    };
    const opened = vi.spyOn(handles, 'use');
    await at.write(100);
    await at.storage.complete();
    expect(trips).toEqual(['make 100', 'write 100', 'sync 100']);
    // Folders are synced in the pool: the content's, its own, five in it, and one in each of those.
    expect(opened).toHaveBeenCalledTimes(1 + 1 + 5 + 5);
    for (let nth = 0; nth < 100; nth++) {
      const there = await readFile(path(at, nth));
      expect(there.equals(at.torrent.piece(nth))).toBe(true);
    }
  });

  it('leave alone what appeared at the place of one, and whatever lies behind a link in that of a folder', async () => {
    const at = await scene();
    await mkdir(join(at.contentPath, '0/in'), { recursive: true });
    await writeFile(path(at, 7), 'of somebody else');
    await expect(at.write(20)).rejects.toEqual(failsWith('DESTINATION_EXISTS', path(at, 7)));
    expect(await readFile(path(at, 7), 'utf8')).toBe('of somebody else');

    const other = await scene();
    const elsewhere = await scratchFolder();
    await mkdir(other.contentPath);
    await symlink(elsewhere, join(other.contentPath, '0'));
    const refused = failsWith(
      'DESTINATION_EXISTS',
      `${join(other.contentPath, '0')} is a symbolic`,
    );
    await expect(other.write(20)).rejects.toEqual(refused);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('are written to no other file than the one that was made, by whatever name', async () => {
    const swapped = await scene();
    await swapped.write(20);
    const piece = swapped.torrent.piece(7);
    await rename(path(swapped, 7), join(swapped.contentPath, 'moved'));
    await expect(swapped.storage.write(700, piece)).rejects.toEqual(
      failsWith('DISK_GONE', path(swapped, 7)),
    );
    await writeFile(path(swapped, 7), 'of somebody else');
    await expect(swapped.storage.write(700, piece)).rejects.toEqual(
      failsWith('DESTINATION_EXISTS', path(swapped, 7)),
    );
    await rm(path(swapped, 7));
    await symlink(join(swapped.contentPath, 'moved'), path(swapped, 7));
    await expect(swapped.storage.write(700, piece)).rejects.toEqual(
      failsWith('DESTINATION_EXISTS', 'is a symbolic link'),
    );
  });

  it('are written to in spite of a new name where they were made in this life, and not otherwise', async () => {
    const at = await scene();
    await at.write(20);
    await link(path(at, 7), join(at.contentPath, 'name'));
    await at.storage.write(700, at.torrent.piece(7));
    at.disk.made.forget(
      (await at.storage.flush()).get(at.torrent.metainfo.files[7] ?? missing()) ?? missing(),
    );
    await expect(at.storage.write(700, at.torrent.piece(7))).rejects.toEqual(
      failsWith('DESTINATION_EXISTS', 'hard links'),
    );
  });

  it('are not said to be safe where one was taken away, replaced, or cut', async () => {
    const spoil: readonly [code: string, (path: string) => Promise<void>][] = [
      ['DISK_GONE', (file) => rm(file)],
      ['DESTINATION_EXISTS', (file) => rm(file).then(() => writeFile(file, Buffer.alloc(100)))],
      ['DISK_FAILED', (file) => truncate(file, 50)],
    ];
    for (const [code, task] of spoil) {
      const before = await scene();
      await before.write(100);
      await task(path(before, 42));
      await expect(before.storage.flush()).rejects.toEqual(failsWith(code, path(before, 42)));
      // And so it is when all was safe already.
      const after = await scene();
      await after.write(100);
      await after.storage.flush();
      await task(path(after, 42));
      await expect(after.storage.complete()).rejects.toEqual(failsWith(code, path(after, 42)));
    }
  });

  it('that were synced before are looked at once more when all are there', async () => {
    const at = await scene();
    await at.write(100);
    await at.storage.flush();
    await rm(path(at, 7));
    await expect(at.storage.complete()).rejects.toEqual(failsWith('DISK_GONE', path(at, 7)));
  });

  it('are read with one trip, but for what is not there, not whole, or another', async () => {
    const at = await scene();
    await at.write(100);
    const trips: string[] = [];
    const { threads, handles } = at.disk;
    const run = threads.run.bind(threads);
    threads.run = (batch) => {
      trips.push(`${batch.kind} ${batch.folderOf.length}`);
      return run(batch);
    };
    const opened = vi.spyOn(handles, 'use');
    const content = Buffer.alloc(9_990);
    await at.storage.readInto(5, content);
    expect(content.equals(at.torrent.content.subarray(5, 9_995))).toBe(true);
    expect(trips).toEqual(['read 100']);
    expect(opened).not.toHaveBeenCalled();
    const spoil: readonly [code: string, (path: string) => Promise<void>][] = [
      ['DISK_FAILED', (file) => truncate(file, 50)],
      ['DESTINATION_EXISTS', (file) => rm(file).then(() => writeFile(file, Buffer.alloc(100)))],
      ['DISK_GONE', (file) => rm(file)],
    ];
    for (const [code, task] of spoil) {
      const spoilt = await scene();
      await spoilt.write(100);
      const file = path(spoilt, 42);
      await task(file);
      await spoilt.storage.readInto(0, Buffer.alloc(4_200));
      await expect(spoilt.storage.readInto(0, content)).rejects.toEqual(failsWith(code, file));
    }
  });

  it('that are seeded are looked at as they are read', async () => {
    const { torrent, contentPath } = await scene();
    const { metainfo } = torrent;
    await layOut(torrent, contentPath);
    const disk = createDisk({ threads: eagerThreads() });
    const withdrawn = createDeferred<readonly number[]>();
    const changes = {
      onDoubted: () => {},
      onWithdrawn: withdrawn.resolve,
      onRestored: () => {},
    };
    const request = { metainfo, contentPath, role: 'seed', changes } as const;
    const watch = new ContentWatch({ ...request, limit: limitConcurrency(1) });
    const files = openTorrentStorage({ ...request, disk, watch });
    onTestFinished(() => files.close());
    const stamps = await checkPublished(metainfo, contentPath, new AbortController().signal);
    watch.begin(stamps, files);
    const storage = watchContent(files, watch);
    const [, , third] = metainfo.files;
    if (!third) throw new Error('there are a hundred');
    await writeFile(join(contentPath, ...third.path), Buffer.alloc(100, 7));
    const opened = vi.spyOn(disk.handles, 'use');
    await expect(storage.readInto(0, Buffer.alloc(1_000))).rejects.toMatchObject({
      code: 'CONTENT_CHANGED',
    });
    expect(await withdrawn.promise).toEqual([2]);
    await storage.readInto(300, Buffer.alloc(1_000));
    expect(opened).not.toHaveBeenCalled();
  });

  it('are a crowd where each of many torrents has one: what all of them ask for in a turn is one message', async () => {
    const threads = new BatchThreads({ crowdedFiles: 10, filesWorthAThread: 0 });
    onTestFinished(() => threads.close());
    const scenes = await Promise.all(Array.from({ length: 50 }, () => scene(1, 1, threads)));
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    onTestFinished(() => posted.mockRestore());
    const range = { offsetBytes: 0, lengthBytes: 100 };
    await Promise.all(scenes.map(({ storage }) => storage.make([range])));
    // What the thread had no time for comes again.
    expect(posted.mock.calls[0]?.[0]).toHaveLength(40);
    for (const { storage, torrent } of scenes) await storage.write(0, torrent.piece(0));
    await Promise.all(scenes.map(({ storage }) => storage.complete()));
    for (const each of scenes) {
      expect((await readFile(path(each, 0))).equals(each.torrent.piece(0))).toBe(true);
    }
  });

  it('go in messages of no more files than one torrent may ask about at once', async () => {
    const threads = eagerThreads({
      workerSource: `
        const { parentPort } = require('node:worker_threads');
        parentPort.on('message', (requests) =>
          parentPort.postMessage(requests.map(({ batch }) => {
            const done = batch.folderOf.length;
            return { done, stamps: new BigInt64Array(7 * done), namesMadeIn: [] };
          })));`,
    });
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    onTestFinished(() => posted.mockRestore());
    const batches = [100, 100, 56, 1, 300, 1].map((files) => fileBatchOf(files));
    await Promise.all(batches.map((batch) => threads.run(batch)));
    expect(posted.mock.calls.map(([requests]) => requests.length)).toEqual([3, 1, 1, 1]);
  });

  it('are a crowd in the second after a crowd too, from the first on, and no longer', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    vi.advanceTimersByTime(10_000);
    const threads = new BatchThreads({ crowdedFiles: 2, filesWorthAThread: 0 });
    const comes = () => threads.isWorthItTogether(1);
    expect([comes(), comes(), comes()]).toEqual([false, false, true]);
    vi.advanceTimersByTime(1_500);
    expect(comes()).toBe(true);
    vi.advanceTimersByTime(1_500);
    expect(comes()).toBe(false);
  });

  it('are left to the pool while all threads are at disks that hang', async () => {
    const disk = new BroadcastChannel('a disk that hangs');
    onTestFinished(() => disk.close());
    const threads = eagerThreads({
      mostSilenceMs: 1,
      workerSource: `
        const { BroadcastChannel, parentPort } = require('node:worker_threads');
        const disk = new BroadcastChannel('a disk that hangs');
        parentPort.on('message', (requests) => {
          const answers = requests.map(({ batch }) => {
            const done = batch.folderOf.length;
            return { done, stamps: new BigInt64Array(7 * done).fill(1n), namesMadeIn: [] };
          });
          disk.onmessage = ({ data }) => data === 'goes on' && parentPort.postMessage(answers);
          disk.postMessage('hangs');
        });`,
    });
    let hanging = 0;
    const hang = new Promise<void>((resolve) => {
      disk.onmessage = () => {
        hanging += 1;
        if (hanging === 2) resolve();
      };
    });
    const held = [1, 2].map(() => threads.run(fileBatchOf(256)));
    const left = await threads.run(fileBatchOf(5));
    expect(isFilesExhausted(left.failure)).toBe(true);
    expect(threads.isWorthIt(100)).toBe(false);
    await hang;
    disk.postMessage('goes on');
    expect((await Promise.all(held)).map(({ done }) => done)).toEqual([256, 256]);
    expect(threads.isWorthIt(100)).toBe(true);
  });

  it('of one torrent are still done where a disk is slow: what a turn had no time for is asked for again', async () => {
    const threads = eagerThreads({
      workerSource: `
        const { parentPort } = require('node:worker_threads');
        let messages = 0;
        parentPort.on('message', (requests) => {
          messages += 1;
          parentPort.postMessage(requests.map(({ batch, from }, nth) => {
            const done = nth === 0 ? batch.folderOf.length - from : 0;
            return { done, stamps: new BigInt64Array(7 * done).fill(BigInt(messages)), namesMadeIn: [] };
          }));
        });`,
    });
    const batches = Array.from({ length: 5 }, (_, nth) => fileBatchOf(nth + 1));
    const done = await Promise.all(batches.map((batch) => threads.run(batch)));
    expect(done.map(({ stamps }) => stamps.length)).toEqual([1, 2, 3, 4, 5]);
  });

  it('go to the disk of the others, or nowhere', async () => {
    const at = await scene(100, 5);
    await at.write(20);
    await rename(at.contentPath, `${at.contentPath}-away`);
    await rm(join(at.contentPath, '..'), { recursive: true });
    await expect(at.write(100)).rejects.toEqual(failsWith('DISK_GONE', ''));
  });

  it('are done by the pool where the threads die of it', async () => {
    const threads = eagerThreads({ workerSource: 'throw new Error("no thread today")' });
    const at = await scene(100, 5, threads);
    await expect(at.write(100)).rejects.toEqual(failsWith('DISK_FAILED', 'no thread today'));
    await at.write(100);
    await at.storage.complete();
    expect((await readFile(path(at, 99))).equals(at.torrent.piece(99))).toBe(true);
  });

  it('keep no thread once there is nothing to do, and start none for a few', async () => {
    const threads = eagerThreads({ idleMs: 1 });
    const at = await scene(100, 5, threads);
    await at.write(100);
    await at.storage.flush();
    await vi.waitUntil(() => threads.count === 0);
    const few = await scene(10, 1, new BatchThreads());
    await few.write(10);
    await few.storage.complete();
    expect(few.disk.threads.count).toBe(0);
  });
});

function fileBatchOf(files: number) {
  const { metainfo } = scratchTorrent(
    100,
    Array.from({ length: files }, (_, nth) => ({ path: `${nth}`, lengthBytes: 100 })),
  );
  const places = metainfo.files.map((file) => ({ file, bytes: 100 }));
  return fileBatch({ kind: 'whole', contentPath: '/nowhere', files: places });
}

function missing(): never {
  throw new Error('it should be there');
}
