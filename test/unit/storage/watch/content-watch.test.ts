// What is noticed of complete content that others write to, and what is given out of it meanwhile.
import {
  link,
  open,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { limitConcurrency } from '../../../../src/async/limit-concurrency.js';
import { checkPublished } from '../../../../src/storage/check/check-published.js';
import { createDisk } from '../../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../../src/storage/content/torrent-storage.js';
import type { TorrentStorage } from '../../../../src/storage/storage.js';
import { ContentWatch } from '../../../../src/storage/watch/content-watch.js';
import { watchContent } from '../../../../src/storage/watch/watched-content.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { MiB } from '../../../support/sizes.js';
import { layOut } from '../../../support/torrents/sample-on-disk.js';
import { sampleTorrent } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';
import { until } from '../../../support/waiting.js';

type FileIo = typeof import('../../../../src/storage/disk/file-io.js');

const looks = vi.hoisted(() => ({ count: 0 }));

vi.mock('../../../../src/storage/disk/file-io.js', async (importOriginal) => {
  const original = await importOriginal<FileIo>();
  return {
    ...original,
    statFile(descriptor: number) {
      looks.count += 1;
      return original.statFile(descriptor);
    },
  };
});

/** Pieces of 100: 0 to 2 in a, 2 also in b; 3 and 4 in b; 5 to 9 in c. */
const torrent = scratchTorrent(100, [
  { path: 'a', lengthBytes: 250 },
  { path: 'sub/b', lengthBytes: 250 },
  { path: 'empty', lengthBytes: 0 },
  { path: 'c', lengthBytes: 430 },
]);
const { metainfo } = torrent;
const pieces = Array.from({ length: metainfo.pieceCount }, (_, index) => index);

async function published(role: 'seed' | 'download' = 'seed', limit = limitConcurrency(1)) {
  const contentPath = join(await scratchFolder(), metainfo.name);
  await layOut(torrent, contentPath);
  const state = { nowMs: 1_000_000, onRead: async () => {} };
  const doubted: (readonly [number, number])[] = [];
  const withdrawn: number[] = [];
  const restored: number[] = [];
  const warnings: string[] = [];
  const unreadable: string[] = [];
  const read: number[] = [];
  const watch = new ContentWatch({
    metainfo,
    contentPath,
    role,
    limit,
    nowMs: () => state.nowMs,
    changes: {
      onDoubted: (offsetBytes, lengthBytes) => void doubted.push([offsetBytes, lengthBytes]),
      onWithdrawn(indices, { code, message }) {
        withdrawn.push(...indices);
        warnings.push(`${code} ${message}`);
      },
      onRestored: (indices) => void restored.push(...indices),
    },
  });
  const files = openTorrentStorage({
    metainfo,
    contentPath,
    role,
    watch,
    disk: createDisk(),
    onUnreadable: ({ code }) => unreadable.push(code),
  });
  const counted: TorrentStorage = Object.assign(Object.create(files), {
    async readInto(offsetBytes: number, target: Uint8Array) {
      await state.onRead();
      for (let at = offsetBytes; at < offsetBytes + target.length; at += 100) read.push(at / 100);
      return files.readInto(offsetBytes, target);
    },
    readAhead: (...args: Parameters<TorrentStorage['readAhead']>) => files.readAhead(...args),
    reopen: () => files.reopen(),
    close: () => files.close(),
  });
  const stamps = await checkPublished(metainfo, contentPath, new AbortController().signal);
  watch.begin(stamps, counted);
  const content = watchContent(files, watch);
  onTestFinished(() => content.close());
  const path = (name: string) => join(contentPath, name);
  return {
    content,
    watch,
    contentPath,
    path,
    doubted,
    withdrawn,
    restored,
    warnings,
    unreadable,
    /** Pieces that were read again. */
    read,
    /** Runs before something is read again. */
    onRead(task: () => Promise<void>) {
      state.onRead = task;
    },
    /** The last look is old by now. */
    wait() {
      state.nowMs += 1_000;
    },
    async piece(index: number): Promise<'good' | 'bad' | string> {
      const target = Buffer.alloc(metainfo.pieceBytes(index));
      try {
        await content.readInto(index * 100, target);
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : 'thrown';
      }
      return target.equals(torrent.piece(index)) ? 'good' : 'bad';
    },
    /** Writes one byte in place that was not there before. */
    async edit(name: string, positionBytes: number, hasOldTimes = false) {
      const before = await stat(path(name));
      const file = await open(path(name), 'r+');
      const old = Buffer.alloc(1);
      await file.read(old, 0, 1, positionBytes);
      await file.write(Buffer.of((old[0] ?? 0) ^ 0xff), 0, 1, positionBytes);
      await file.close();
      if (hasOldTimes) await utimes(path(name), before.atime, before.mtime);
    },
  };
}

type Published = Awaited<ReturnType<typeof published>>;

/** What each piece is, once all is known. */
async function all({ piece, watch }: Published) {
  const found: string[] = [];
  for (const index of pieces) found.push(await piece(index));
  await until(() => !watch.isDoubtful(0, metainfo.lengthBytes), 'read again');
  await nextTurn();
  return found;
}

const goodBut = (...bad: readonly number[]) =>
  pieces.map((index) => (bad.includes(index) ? 'CONTENT_CHANGED' : 'good'));

describe('content that nobody touches', () => {
  it('is given out, and nothing of it is read twice', async () => {
    const story = await published();
    expect(await all(story)).toEqual(goodBut());
    story.wait();
    expect(await all(story)).toEqual(goodBut());
    expect([story.read, story.doubted, story.warnings]).toEqual([[], [], []]);
  });
});

describe('a file that is read often', () => {
  it('is looked at once a second at most', async () => {
    const story = await published();
    await all(story);
    looks.count = 0;
    for (let nth = 0; nth < 10; nth++) await all(story);
    expect(looks.count).toBe(0);
    story.wait();
    for (let nth = 0; nth < 10; nth++) await all(story);
    expect(looks.count).toBe(3);
  });
});

describe('a file that is being written to', () => {
  it('is given to nobody meanwhile, is not read over and over, and is given out when that is over', async () => {
    const story = await published();
    story.onRead(async () => {
      await utimes(story.path('c'), new Date(), new Date());
    });
    await utimes(story.path('c'), new Date(), new Date());
    expect(await story.piece(5)).toBe('CONTENT_CHANGED');
    expect(await story.piece(6)).toBe('CONTENT_CHANGED');
    expect(await story.piece(0)).toBe('good');
    // With its neighbours, once for each that asked.
    expect(story.read).toEqual([5, 6, 7, 8, 9, 6, 7, 8, 9]);
    expect([story.withdrawn, story.warnings]).toEqual([[], []]);
    story.onRead(async () => {});
    expect([await story.piece(5), await story.piece(6)]).toEqual(['good', 'good']);
    expect(story.read.slice(9)).toEqual([5, 6, 7, 8, 9]);
  });
});

describe('a file that is changed in place', () => {
  it('is found out when it is opened: its bad pieces are given to nobody, all others are', async () => {
    const story = await published();
    await story.edit('sub/b', 200);
    expect(await all(story)).toEqual(goodBut(4));
    expect([...new Set(story.read)].sort()).toEqual([2, 3, 4]);
    expect(story.withdrawn).toEqual([4]);
    expect(story.doubted).toEqual([[250, 250]]);
    expect(story.warnings).toEqual([
      `CONTENT_CHANGED ${story.path('sub/b')} is not what was published any more: nobody is given its changed pieces; give it again to publish the new content`,
    ]);
  });

  it('is found out a second after the last look, be its size and mtime the same', async () => {
    const story = await published();
    expect(await story.piece(6)).toBe('good');
    await story.edit('c', 150, true);
    expect(await story.piece(6)).toBe('bad');
    story.wait();
    expect(await all(story)).toEqual(goodBut(6));
    expect(story.withdrawn).toEqual([6]);
  });

  it('is found out at once when a peer comes back', async () => {
    const story = await published();
    expect(await story.piece(6)).toBe('good');
    await story.edit('c', 150);
    story.watch.lookAgain(6);
    expect(await story.piece(6)).toBe('CONTENT_CHANGED');
    expect(await all(story)).toEqual(goodBut(6));
  });

  it('is read again from a piece in which it meets another, and that is withdrawn too', async () => {
    const story = await published();
    await story.edit('a', 220);
    expect(await all(story)).toEqual(goodBut(2));
    expect(story.warnings).toHaveLength(1);
    expect(story.warnings[0]).toContain(` ${story.path('a')} is not`);
  });

  it('is what it was when it is changed back, and its pieces are given out again', async () => {
    const story = await published();
    await story.edit('c', 150);
    expect(await all(story)).toEqual(goodBut(6));
    await story.edit('c', 150);
    story.watch.lookForLost();
    await until(() => story.restored.length > 0, 'restored');
    expect(story.restored).toEqual([6]);
    expect(await all(story)).toEqual(goodBut());
    expect(story.warnings).toHaveLength(1);
  });

  it('is served on when all that was changed is its time', async () => {
    const story = await published();
    await all(story);
    await utimes(story.path('c'), new Date(), new Date(1_000));
    story.wait();
    expect(await all(story)).toEqual(goodBut());
    expect([story.withdrawn, story.warnings]).toEqual([[], []]);
    // With the stamp of now.
    story.read.length = 0;
    story.wait();
    expect(await all(story)).toEqual(goodBut());
    expect(story.read).toEqual([]);
  });

  it('and is longer now is served on', async () => {
    const story = await published();
    await writeFile(story.path('c'), 'more', { flag: 'a' });
    expect(await all(story)).toEqual(goodBut());
    expect(story.warnings).toEqual([]);
  });

  it('is told of in the words of a download where it was one', async () => {
    const story = await published('download');
    await story.edit('a', 0);
    expect(await all(story)).toEqual(goodBut(0));
    expect(story.warnings[0]).toContain('move it away, and give the job again');
  });
});

describe('content that is to be verified', () => {
  it('is read as a whole, and given out meanwhile', async () => {
    const story = await published();
    const verifying = story.watch.verify();
    expect(await all(story)).toEqual(goodBut());
    await verifying;
    expect(new Set(story.read)).toEqual(new Set(pieces));
    expect([story.warnings, story.unreadable]).toEqual([[], []]);
  });

  it('is not what it was, where a bit is another, though no stamp tells so', async () => {
    const story = await published();
    await all(story);
    const { atime, mtime } = await stat(story.path('c'));
    await story.edit('c', 0);
    await utimes(story.path('c'), atime, mtime);
    await expect(story.watch.verify()).rejects.toMatchObject({
      code: 'CONTENT_CHANGED',
      message: expect.stringContaining(story.path('c')),
    });
    expect(story.withdrawn).toEqual([5]);
    await story.edit('c', 0);
    await story.watch.verify();
    expect(story.restored).toEqual([5]);
  });

  it('is what lies at its path, whatever was read there before', async () => {
    const story = await published();
    await all(story);
    await writeFile(story.path('other'), Buffer.alloc(430));
    await rename(story.path('other'), story.path('c'));
    await expect(story.watch.verify()).rejects.toMatchObject({ code: 'CONTENT_CHANGED' });
    expect(story.withdrawn).toEqual([5, 6, 7, 8, 9]);
    await rm(story.path('a'));
    await expect(story.watch.verify()).rejects.toMatchObject({ code: 'DISK_GONE' });
  });

  it('is read when no other is', async () => {
    const limit = limitConcurrency(1);
    const stories = await Promise.all([1, 2, 3].map(() => published('seed', limit)));
    let reading = 0;
    let most = 0;
    for (const story of stories) {
      story.onRead(async () => {
        reading += 1;
        most = Math.max(most, reading);
        await nextTurn();
        reading -= 1;
      });
    }
    await Promise.all(stories.map(({ watch }) => watch.verify()));
    expect(most).toBe(1);
    expect(stories.map(({ read }) => new Set(read).size)).toEqual(stories.map(() => 10));
  });

  it('is so no more when it is closed', async () => {
    const story = await published();
    story.onRead(() => nextTurn());
    const verifying = story.watch.verify();
    await story.content.close();
    await expect(verifying).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('a file that is given another name', () => {
  it('is not read again', async () => {
    const story = await published();
    await all(story);
    await link(story.path('c'), story.path('copy'));
    story.wait();
    expect(await all(story)).toEqual(goodBut());
    await rm(story.path('copy'));
    story.wait();
    expect(await all(story)).toEqual(goodBut());
    expect([story.read, story.doubted, story.warnings]).toEqual([[], [], []]);
    await story.edit('c', 0);
    story.wait();
    expect(await all(story)).toEqual(goodBut(5));
  });
});

describe('a file that is cut short', () => {
  it('has lost the pieces that lie beyond, at once', async () => {
    const story = await published();
    await all(story);
    await truncate(story.path('c'), 220);
    expect(await all(story)).toEqual(goodBut(7, 8, 9));
    expect(story.warnings).toHaveLength(1);
    expect([story.withdrawn, story.unreadable]).toEqual([[7, 8, 9], []]);
  });

  it('and is put back whole has them again', async () => {
    const story = await published();
    const whole = await readFile(story.path('c'));
    await truncate(story.path('c'), 0);
    expect(await all(story)).toEqual(goodBut(5, 6, 7, 8, 9));
    await writeFile(story.path('c'), whole);
    story.watch.lookForLost();
    await until(() => story.restored.length === 5, 'restored');
    expect(await all(story)).toEqual(goodBut());
  });
});

describe('a file that is taken away', () => {
  it('is told of as unreadable once, and is served when it is back', async () => {
    const story = await published();
    await rename(story.path('c'), story.path('away'));
    expect([await story.piece(5), await story.piece(6)]).toEqual(['DISK_GONE', 'DISK_GONE']);
    expect([story.unreadable, story.warnings]).toEqual([['DISK_GONE'], []]);
    await rename(story.path('away'), story.path('c'));
    expect(await all(story)).toEqual(goodBut());
    expect([story.withdrawn, story.warnings]).toEqual([[], []]);
  });

  it('is read again when another is there in its place', async () => {
    for (const role of ['seed', 'download'] as const) {
      const story = await published(role);
      const bytes = await readFile(story.path('c'));
      bytes[330] = 1 + (bytes[330] ?? 0);
      await rm(story.path('c'));
      expect(await story.piece(5)).toBe('DISK_GONE');
      await writeFile(story.path('c'), bytes);
      expect(await all(story)).toEqual(goodBut(8));
      expect(story.withdrawn).toEqual([8]);
    }
  });
});

describe('a piece that a peer comes back for', () => {
  it('is hashed again where no stamp has changed, but not more often than once a second', async () => {
    const story = await published();
    await all(story);
    for (let nth = 0; nth < 10; nth++) {
      story.watch.lookAgain(6);
      expect(await story.piece(6)).toBe('good');
    }
    expect([story.read, story.doubted]).toEqual([[6], []]);
    story.wait();
    story.watch.lookAgain(7);
    expect(await story.piece(7)).toBe('good');
    expect(story.read).toEqual([6, 7]);
  });

  it('is not hashed again so soon where it is long: a peer could have the disk do nothing else', async () => {
    const pieceLengthBytes = 32 * MiB;
    const content = Buffer.alloc(pieceLengthBytes);
    const files = [{ path: '', lengthBytes: pieceLengthBytes }];
    const { metainfo } = sampleTorrent({ name: 'long', pieceLengthBytes, files }, content);
    const contentPath = join(await scratchFolder(), 'long');
    await writeFile(contentPath, '');
    await truncate(contentPath, pieceLengthBytes);
    let nowMs = 0;
    const options = { metainfo, contentPath, role: 'seed' } as const;
    const watch = new ContentWatch({ ...options, limit: limitConcurrency(1), nowMs: () => nowMs });
    const storage = openTorrentStorage({ ...options, disk: createDisk() });
    onTestFinished(() => storage.close());
    onTestFinished(() => watch.close());
    const { signal } = new AbortController();
    watch.begin(await checkPublished(metainfo, contentPath, signal), storage);
    watch.lookAgain(0);
    expect(watch.isDoubtful(0, 1)).toBe(true);
    await watch.doubtOf(0, 1);
    nowMs = 1_999;
    watch.lookAgain(0);
    expect(watch.isDoubtful(0, 1)).toBe(false);
    nowMs = 2_000;
    watch.lookAgain(0);
    expect(watch.isDoubtful(0, 1)).toBe(true);
  });
});

describe('content that is closed', () => {
  it('lets nobody wait', async () => {
    const story = await published();
    await story.edit('c', 0);
    const pieces = [story.piece(5), story.piece(6)];
    await until(() => story.doubted.length > 0, 'in doubt');
    await story.content.close();
    expect(await Promise.all(pieces)).toEqual(['CLOSED', 'CLOSED']);
  });
});
