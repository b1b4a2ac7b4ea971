import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { limitConcurrency } from '../../../src/async/limit-concurrency.js';
import type { HelperError } from '../../../src/errors.js';
import { createDisk } from '../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../src/storage/content/torrent-storage.js';
import { hasPiece } from '../../../src/storage/layout/bitfield.js';
import { openResumableStorage } from '../../../src/storage/resumable-storage.js';
import {
  relocateResumeData,
  removeResumeData,
} from '../../../src/storage/resume/relocate-resume-data.js';
import { resumePaths } from '../../../src/storage/resume/resume-files.js';
import { ResumeStore } from '../../../src/storage/resume/resume-store.js';
import type { TorrentStorage } from '../../../src/storage/storage.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { hasOtherDisk, otherDisk } from '../../support/disks/small-disk.js';
import { layOut } from '../../support/torrents/sample-on-disk.js';
import { scratchTorrent } from '../../support/torrents/scratch-torrent.js';

/** Pieces of 100: 0 and 1 in a, 1 also in b; 2 to 4 in c. */
const torrent = scratchTorrent(100, [
  { path: 'a', lengthBytes: 130 },
  { path: 'sub/b', lengthBytes: 70 },
  { path: 'empty', lengthBytes: 0 },
  { path: 'c', lengthBytes: 250 },
]);
const { metainfo } = torrent;
const all = [0, 1, 2, 3, 4];

/** One engine's join of the torrent: what it found, and what it had to read for that. */
async function joinTorrent(
  stateDir: string | undefined,
  contentPath: string,
  resume = store(stateDir),
  disk = createDisk(),
  verify = false,
) {
  const content = openTorrentStorage({
    metainfo,
    contentPath,
    role: 'download',
    disk,
  });
  onTestFinished(() => content.close());
  const read = new Set<number>();
  const watched: TorrentStorage = {
    readAhead: (...args) => content.readAhead(...args),
    readInto(offsetBytes, target) {
      for (let at = offsetBytes; at < offsetBytes + target.length; at += 100) read.add(at / 100);
      return content.readInto(offsetBytes, target);
    },
    write: (...args) => content.write(...args),
    writeUnverified: (...args) => content.writeUnverified(...args),
    markVerified: (...args) => content.markVerified(...args),
    make: (...args) => content.make(...args),
    reopen: () => {},
    adopt: (...args) => content.adopt(...args),
    flush: () => content.flush(),
    complete: () => content.complete(),
    close: () => content.close(),
  };
  const warnings: HelperError[] = [];
  const failures: unknown[] = [];
  const storage = await openResumableStorage({
    metainfo,
    contentPath,
    resume,
    verify,
    content: watched,
    isShared: disk.isShared,
    onWarning: (error) => warnings.push(error),
    onFailure: (thrown) => failures.push(thrown),
  });
  const { bitfield } = await storage.check(new AbortController().signal);
  const { writes = async () => {}, wrote = () => {} } = storage.journal ?? {};
  const write = async (...pieces: number[]) => {
    for (const index of pieces) {
      await writes([index]);
      await content.write(index * 100, torrent.piece(index));
      wrote([index]);
    }
  };
  return {
    storage,
    content,
    watched,
    warnings,
    failures,
    write,
    writes,
    good: all.filter((index) => hasPiece(bitfield, index)),
    read: [...read].sort(),
    async close() {
      await storage.close();
    },
  };
}

function store(stateDir: string | undefined): ResumeStore {
  const resume = new ResumeStore(stateDir, createDisk().handles);
  onTestFinished(() => resume.close());
  return resume;
}

async function places() {
  const folder = await scratchFolder();
  const contentPath = join(folder, 'downloads', 'scratch');
  const stateDir = join(folder, 'state');
  return { contentPath, stateDir, paths: resumePaths(stateDir, metainfo.infoHash, contentPath) };
}

/** A download of these pieces that was left in good order. */
async function closed(...pieces: number[]) {
  const at = await places();
  const first = await joinTorrent(at.stateDir, at.contentPath);
  await first.write(...pieces);
  await first.close();
  return at;
}

async function touch(path: string, afterMs: number) {
  const { mtimeMs } = await stat(path);
  await utimes(path, new Date(), (mtimeMs + afterMs) / 1000);
}

describe('a download that was left in good order', () => {
  it('is found again without reading anything', async () => {
    const { stateDir, contentPath, paths } = await closed(0, 2, 3);
    expect(existsSync(paths.journal)).toBe(false);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 2, 3], read: [] });
  });

  it('leaves nothing else behind', async () => {
    const { paths } = await closed(0, 1, 2, 3, 4);
    expect(await readdir(dirname(paths.record))).toHaveLength(1);
  });

  it('has the pieces of a changed file read again, and no others', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    const bytes = await readFile(join(contentPath, 'c'));
    bytes[120] = 0;
    await writeFile(join(contentPath, 'c'), bytes);
    const next = await joinTorrent(stateDir, contentPath);
    expect(next).toMatchObject({ good: [0, 1, 2], read: [2, 3] });
    await next.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({
      good: [0, 1, 2],
      read: [],
    });
  });

  it('has them read too if size and time are as they were', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    const path = join(contentPath, 'c');
    const { atime, mtime } = await stat(path);
    await utimes(path, atime, mtime);
    const { mtimeNs } = await stat(path, { bigint: true });
    const bytes = await readFile(path);
    bytes[120] = 0;
    await writeFile(path, bytes);
    await utimes(path, atime, mtime);
    expect((await stat(path, { bigint: true })).mtimeNs).toBe(mtimeNs);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 1, 2] });
  });

  it('loses what was cut off and what is gone, and no more', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    await truncate(join(contentPath, 'c'), 130);
    await rm(join(contentPath, 'sub'), { recursive: true });
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 2], read: [2] });
  });

  it('is not written over where somebody has put something else into its files', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    const path = join(contentPath, 'c');
    await writeFile(path, 'my own');
    await expect(joinTorrent(stateDir, contentPath)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
      message: expect.stringContaining(`${path} holds nothing of this torrent`),
    });
    await truncate(path);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 1] });
  });

  it('is not begun anew where its whole folder is gone, for that may come back', async () => {
    const { stateDir, contentPath } = await closed(0, 1);
    const folder = dirname(contentPath);
    await rename(folder, `${folder}-unplugged`);
    await expect(joinTorrent(stateDir, contentPath)).rejects.toMatchObject({
      code: 'DISK_GONE',
      message: expect.stringContaining(folder),
    });
    await rename(`${folder}-unplugged`, folder);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 1], read: [] });
  });
});

describe('a disk that is not mounted', () => {
  it.runIf(hasOtherDisk)('leaves an empty folder, to which nothing is downloaded', async () => {
    for (const isRecorded of [true, false]) {
      const { stateDir, contentPath } = await places();
      const first = await joinTorrent(stateDir, contentPath);
      await first.write(0, 2);
      if (isRecorded) await first.close();
      const disk = await otherDisk();
      await rename(dirname(contentPath), `${dirname(contentPath)}-unmounted`);
      await symlink(disk, dirname(contentPath));
      await expect(joinTorrent(stateDir, contentPath)).rejects.toMatchObject({
        code: 'DISK_GONE',
        message: expect.stringContaining(
          `${contentPath} is gone, and its folder is on another disk`,
        ),
      });
      await rm(dirname(contentPath));
      await rename(`${dirname(contentPath)}-unmounted`, dirname(contentPath));
      expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 2] });
    }
  });
});

describe('a download that is to be verified', () => {
  const verified = (stateDir: string, contentPath: string) =>
    joinTorrent(stateDir, contentPath, store(stateDir), createDisk(), true);

  it('has all that lies there read, whatever is on record', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2);
    expect(await verified(stateDir, contentPath)).toMatchObject({
      good: [0, 1, 2],
      read: [0, 1, 2],
    });
  });

  it('is written to where it was complete, and somebody has changed it', async () => {
    const { stateDir, contentPath } = await closed(...all);
    const path = join(contentPath, 'c');
    const bytes = await readFile(path);
    bytes[120] = (bytes[120] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const found = await verified(stateDir, contentPath);
    expect(found.good).toEqual([0, 1, 2, 4]);
    await found.write(3);
    await found.storage.complete();
    await found.close();
    expect((await readFile(path)).equals(torrent.content.subarray(200))).toBe(true);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: [] });
  });

  it('waits for its turn among those that are, unless it is left', async () => {
    const { stateDir, contentPath } = await closed(...all);
    const verifyLimit = limitConcurrency(1);
    let end = () => {};
    const others = verifyLimit(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const disk = createDisk();
    const content = openTorrentStorage({ metainfo, contentPath, role: 'download', disk });
    const storage = await openResumableStorage({
      ...{ metainfo, contentPath, content, verify: true, verifyLimit, resume: store(stateDir) },
      onWarning: () => {},
      onFailure: () => {},
    });
    onTestFinished(() => storage.close());
    const left = new AbortController();
    const reason = new Error('it was left');
    const checking = storage.check(left.signal);
    left.abort(reason);
    await expect(checking).rejects.toBe(reason);
    const again = storage.check(new AbortController().signal);
    expect(await Promise.race([again, nextTurn('it waits')])).toBe('it waits');
    end();
    await others;
    expect((await again).verifiedBytes).toBe(metainfo.lengthBytes);
  });

  it('leaves what holds nothing of it', async () => {
    const { stateDir, contentPath } = await closed(...all);
    const path = join(contentPath, 'c');
    await rm(path);
    await writeFile(path, 'my own');
    await expect(verified(stateDir, contentPath)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
    });
    expect(await readFile(path, 'utf8')).toBe('my own');
  });
});

describe('a file that was complete', () => {
  const foreign = (path: string, what: string) =>
    expect.objectContaining({
      code: 'DESTINATION_EXISTS',
      message: expect.stringContaining(`${path} ${what}`),
    });

  it('is read again where it was touched, and nothing else happens', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3, 4);
    await touch(join(contentPath, 'c'), 10_000);
    const next = await joinTorrent(stateDir, contentPath);
    expect(next).toMatchObject({ good: all, read: [2, 3, 4] });
    await next.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: [] });
  });

  it('is never written to once somebody has changed it', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3, 4);
    const path = join(contentPath, 'c');
    await writeFile(path, 'my own');
    await expect(joinTorrent(stateDir, contentPath)).rejects.toEqual(
      foreign(path, 'was downloaded whole, has been changed since'),
    );
    await rm(path);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 1] });
  });

  it('is not written to where it is touched, and a piece reaches into it from one that is gone', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3, 4);
    const path = join(contentPath, 'a');
    await rm(join(contentPath, 'sub'), { recursive: true });
    await touch(path, 10_000);
    const next = await joinTorrent(stateDir, contentPath);
    expect(next).toMatchObject({ good: [0, 2, 3, 4] });
    const { mtimeNs } = await stat(path, { bigint: true });
    await next.write(1);
    expect((await stat(path, { bigint: true })).mtimeNs).toBe(mtimeNs);
    await next.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all });

    const bytes = await readFile(path);
    bytes[120] = 0;
    await writeFile(path, bytes);
    await rm(join(contentPath, 'sub'), { recursive: true });
    const last = await joinTorrent(stateDir, contentPath);
    await expect(last.write(1)).rejects.toEqual(foreign(path, 'was downloaded whole'));
    expect(await readFile(path)).toEqual(bytes);
  });
});

describe('another file in the place of one that was downloaded', () => {
  it('is read as a whole, and ours where a piece of it is good', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    const copy = join(contentPath, 'copy');
    await copyFile(join(contentPath, 'c'), copy);
    await rename(copy, join(contentPath, 'c'));
    const next = await joinTorrent(stateDir, contentPath);
    expect(next).toMatchObject({ good: [0, 1, 2, 3], read: [2, 3] });
    await next.write(4);
    await next.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: [] });
  });

  it('is somebody else’s where none is', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    const path = join(contentPath, 'c');
    await writeFile(join(contentPath, 'mine'), 'my own');
    await rename(join(contentPath, 'mine'), path);
    await expect(joinTorrent(stateDir, contentPath)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
      message: expect.stringContaining(`${path} holds nothing of this torrent`),
    });
  });

  it('is nobody’s while it is empty', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    await writeFile(join(contentPath, 'empty one'), '');
    await rename(join(contentPath, 'empty one'), join(contentPath, 'c'));
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 1] });
  });
});

describe('a file with other names', () => {
  it('is refused where something is missing in it, and adopted where it is whole', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2, 3);
    const names = ['a', 'c'].map((name) => [
      join(contentPath, name),
      join(contentPath, `${name}2`),
    ]);
    for (const [name = '', other = ''] of names) await link(name, other);
    await expect(joinTorrent(stateDir, contentPath)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
      message: expect.stringMatching(/c has other names \(hard links\)/),
    });
    await rm(join(contentPath, 'c2'));
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 1, 2, 3] });
  });

  it('may be written to if it was made in this life', async () => {
    const { stateDir, contentPath } = await places();
    const disk = createDisk();
    const first = await joinTorrent(stateDir, contentPath, store(stateDir), disk);
    await first.write(2);
    await first.close();
    await link(join(contentPath, 'c'), join(contentPath, 'backup'));
    const second = await joinTorrent(stateDir, contentPath, store(stateDir), disk);
    await second.write(3, 4);
    await second.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [2, 3, 4] });
  });
});

describe('a file that is taken away while it is written to', () => {
  const altered: readonly [string, string, (path: string) => Promise<unknown>][] = [
    ['removed', 'DISK_GONE', (path) => rm(path)],
    ['moved away', 'DISK_GONE', (path) => rename(path, `${path}.away`)],
    [
      'replaced',
      'DESTINATION_EXISTS',
      async (path) => {
        await writeFile(`${path}.new`, 'my own');
        await rename(`${path}.new`, path);
      },
    ],
    [
      'moved with its folder',
      'DISK_GONE',
      (path) => rename(dirname(path), `${dirname(path)}-away`),
    ],
    [
      'in a folder that is replaced',
      'DESTINATION_EXISTS',
      async (path) => {
        await rename(dirname(path), `${dirname(path)}-away`);
        await mkdir(dirname(path));
        await writeFile(path, 'my own');
      },
    ],
    ['cut', 'DISK_FAILED', (path) => truncate(path, 10)],
  ];

  it.each(altered)('is found to be %s before the next record', async (_, code, alter) => {
    const { stateDir, contentPath, paths } = await closed(0);
    const download = await joinTorrent(stateDir, contentPath);
    await download.write(2, 3);
    await alter(join(contentPath, 'c'));
    const before = await readFile(paths.record);
    await expect(download.content.flush()).rejects.toMatchObject({ code });
    await download.close();
    expect(await readFile(paths.record)).toEqual(before);
  });

  it.each(altered)('is found to be %s before the download is complete', async (_, code, alter) => {
    const { stateDir, contentPath } = await places();
    const download = await joinTorrent(stateDir, contentPath);
    await download.write(2, 3, 4);
    await download.content.flush();
    await download.write(0, 1);
    await alter(join(contentPath, 'c'));
    const codes = [code, 'DISK_GONE']; // of several files one is told of
    await expect(download.storage.complete()).rejects.toMatchObject({
      code: expect.toBeOneOf(codes),
    });
  });
});

describe('a download that was stopped in the middle', () => {
  it('has what was written since the record read, and no more', async () => {
    const { stateDir, contentPath, paths } = await closed(2);
    const first = await joinTorrent(stateDir, contentPath);
    await first.write(0, 3);
    await first.writes([4]);
    expect(await readFile(paths.journal, 'utf8')).toMatch(/^made 0 \d+ \d+ \d+\n0\n3\n4\n$/);
    // Killed here: nothing is closed, and the last piece was never written.
    const next = await joinTorrent(stateDir, contentPath);
    expect(next).toMatchObject({ good: [0, 2, 3], read: [0, 3] });
    await next.close();
    expect(existsSync(paths.journal)).toBe(false);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 2, 3], read: [] });
  });

  it('before its first record is its own even if nothing good is in it', async () => {
    const { stateDir, contentPath, paths } = await places();
    const first = await joinTorrent(stateDir, contentPath);
    await first.writes([3]);
    await first.content.write(300, new Uint8Array(50));
    // There was nothing to say of what lay there.
    expect(await readdir(dirname(paths.record))).toEqual([basename(paths.journal)]);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [], read: [2] });
  });

  it('has a file read again that somebody changed later', async () => {
    const { stateDir, contentPath } = await closed(0, 1, 2);
    const first = await joinTorrent(stateDir, contentPath);
    await first.write(3);
    await touch(join(contentPath, 'c'), 60_000);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({
      good: [0, 1, 2, 3],
      read: [2, 3],
    });
  });

  it('is read as a whole where the record is damaged, and then has a good one again', async () => {
    for (const damage of ['', '{"version":2}', '\0\0\0', '[]']) {
      const { stateDir, contentPath, paths } = await closed(0, 1, 2, 3, 4);
      await writeFile(paths.record, damage);
      const next = await joinTorrent(stateDir, contentPath);
      expect(next).toMatchObject({ good: all, read: all });
      await next.close();
      expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: [] });
    }
  });

  it('is read as a whole where the journal is damaged, or far too long', async () => {
    const { stateDir, contentPath, paths } = await closed(0, 1, 2, 3, 4);
    await writeFile(paths.journal, '1\n99');
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: all });
    await truncate(paths.journal, 100_000_000);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: all });
  });
});

describe('a FIFO in place of resume data', () => {
  it.each(['record', 'journal'] as const)('is not waited for where the %s was', async (kind) => {
    const { stateDir, contentPath, paths } = await closed(0, 1, 2, 3, 4);
    await rm(paths[kind], { force: true });
    execFileSync('mkfifo', [paths[kind]]);
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: all });
  });
});

describe('a piece that comes in parts, unverified', () => {
  it('has nothing read again that was there before, when it is left in the middle', async () => {
    const { stateDir, contentPath } = await closed(2);
    const first = await joinTorrent(stateDir, contentPath);
    await first.writes([3]);
    await first.content.writeUnverified(300, torrent.piece(3).subarray(0, 50));
    first.storage.journal?.wrote([]);
    await first.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [2], read: [] });
  });

  it('leaves its file ours, though it holds nothing good, when it is killed, and then left', async () => {
    const { stateDir, contentPath } = await closed();
    const killed = await joinTorrent(stateDir, contentPath);
    await killed.writes([3]);
    await killed.content.writeUnverified(300, torrent.piece(4).subarray(0, 50));
    const next = await joinTorrent(stateDir, contentPath);
    await next.writes([3]);
    await next.content.writeUnverified(300, torrent.piece(2).subarray(0, 50));
    next.storage.journal?.wrote([]);
    await next.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [], read: [] });
  });
});

describe('a checkpoint', () => {
  it('is taken beside the writing, and what is under way then stays in doubt', async () => {
    const { stateDir, contentPath, paths } = await closed();
    const first = await joinTorrent(stateDir, contentPath);
    await first.write(0, 1, 2, 4);
    await first.writes([3]);
    await first.storage.complete();
    expect(await readFile(paths.journal, 'utf8')).toBe('3\n');
    await first.content.write(300, torrent.piece(3));
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: all, read: [3] });
  });

  it('is not one where the disk does not confirm it, and then all since the last is written again', async () => {
    const { stateDir, contentPath, paths } = await closed(0);
    const first = await joinTorrent(stateDir, contentPath);
    await first.write(3);
    const broken = new Error('EIO');
    Object.assign(first.watched, { flush: () => Promise.reject(broken) });
    await first.close();
    expect(await readFile(paths.journal, 'utf8')).toMatch(/^made 3 \d+ \d+ \d+\n3\nunconfirmed\n$/);
    const before = await stat(join(contentPath, 'c'), { bigint: true });
    const next = await joinTorrent(stateDir, contentPath);
    expect(next).toMatchObject({ good: [0, 3] });
    const after = await stat(join(contentPath, 'c'), { bigint: true });
    expect(after.mtimeNs).toBeGreaterThan(before.mtimeNs);
    await next.close();
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 3], read: [] });
  });
});

describe('a state directory that cannot be written', () => {
  it('is told of once for all downloads, which go on, and are remembered as long as the engine runs', async () => {
    const { contentPath, stateDir } = await places();
    await mkdir(dirname(stateDir), { recursive: true });
    await writeFile(stateDir, 'a file');
    const resume = store(stateDir);
    const first = await joinTorrent(stateDir, contentPath, resume);
    await first.write(0, 2);
    await first.close();
    expect(first.warnings).toEqual([
      expect.objectContaining({
        code: 'STATE_UNWRITABLE',
        message: expect.stringContaining(join(stateDir, 'resume')),
      }),
    ]);
    const second = await joinTorrent(stateDir, contentPath, resume);
    expect(second).toMatchObject({ good: [0, 2], warnings: [], failures: [] });
    expect(await joinTorrent(stateDir, contentPath)).toMatchObject({ good: [0, 2], read: [0, 2] });
  });

  it('need not be: without one, an engine remembers by itself', async () => {
    const { contentPath } = await places();
    const resume = store(undefined);
    const first = await joinTorrent(undefined, contentPath, resume);
    await first.write(1, 2);
    await first.close();
    expect(await joinTorrent(undefined, contentPath, resume)).toMatchObject({
      good: [1, 2],
      read: [],
    });
  });
});

describe('content that was relocated or deleted', () => {
  it('is not read at its target', async () => {
    const { contentPath, stateDir, paths } = await closed(0, 1, 2, 3, 4);
    const to = join(await scratchFolder(), 'relocated');
    await layOut(torrent, to);
    await relocateResumeData(stateDir, { metainfo, contentPath }, to);
    expect(await joinTorrent(stateDir, to)).toMatchObject({ good: all, read: [] });
    expect(existsSync(paths.record)).toBe(false);
  });

  it('is read at its target if it had changed at the source', async () => {
    const { contentPath, stateDir } = await closed(0, 1, 2, 3, 4);
    await utimes(join(contentPath, 'c'), new Date(), new Date(0));
    const to = join(await scratchFolder(), 'relocated');
    await layOut(torrent, to);
    await relocateResumeData(stateDir, { metainfo, contentPath }, to);
    expect(await joinTorrent(stateDir, to)).toMatchObject({ good: all, read: all });
  });

  it('is read where nothing was known of it', async () => {
    const { contentPath, stateDir, paths } = await closed(0, 1, 2, 3, 4);
    await writeFile(paths.record, 'rubbish');
    const to = join(await scratchFolder(), 'relocated');
    await rename(contentPath, to);
    await relocateResumeData(stateDir, { metainfo, contentPath }, to);
    expect(await joinTorrent(stateDir, to)).toMatchObject({ good: all, read: all });
  });

  it('is ours no more once it was deleted', async () => {
    const { contentPath, stateDir, paths } = await closed(2);
    await appendFile(paths.journal, '3\n');
    await removeResumeData(stateDir, metainfo.infoHash, contentPath);
    expect(await readdir(dirname(paths.record))).toEqual([]);
    await writeFile(join(contentPath, 'c'), 'somebody else’s');
    await expect(joinTorrent(stateDir, contentPath)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
    });
    await removeResumeData(stateDir, metainfo.infoHash, contentPath);
  });
});
