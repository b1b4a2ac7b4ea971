import {
  copyFile,
  mkdir,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MetainfoFile } from '../../../src/metainfo/metainfo.js';
import { findOwnedFiles } from '../../../src/storage/find-owned-files.js';
import { createBitfield, everyPiece } from '../../../src/storage/layout/bitfield.js';
import type { MadeFile } from '../../../src/storage/resume/piece-journal.js';
import type { ResumeData } from '../../../src/storage/resume/resume-data.js';
import type { StoredResumeData } from '../../../src/storage/resume/validate-resume-data.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { stampsOnDisk } from '../../support/disks/stamps-on-disk.js';
import { layOut } from '../../support/torrents/sample-on-disk.js';
import { scratchTorrent } from '../../support/torrents/scratch-torrent.js';

const torrent = scratchTorrent(100, [
  { path: 'a', lengthBytes: 300 },
  { path: 'sub/b', lengthBytes: 20 },
  { path: 'sub/empty', lengthBytes: 0 },
  { path: 'sub/c', lengthBytes: 280 },
]);
const { metainfo } = torrent;
const signal = new AbortController().signal;

async function downloaded(paths?: readonly string[]) {
  const contentPath = join(await scratchFolder(), 'content');
  await mkdir(contentPath);
  await layOut(torrent, contentPath, paths);
  return contentPath;
}

async function recordOf(contentPath: string, pieces = everyPiece(metainfo.pieceCount)) {
  return { pieces, stamps: await stampsOnDisk(metainfo, contentPath) };
}

/** As version 1 put it down. */
function ofVersion1({ pieces, stamps }: ResumeData): ResumeData {
  const less = [...stamps].map(
    ([file, { sizeBytes, mtimeNs }]) => [file, { sizeBytes, mtimeNs }] as const,
  );
  return { pieces, stamps: new Map(less) };
}

async function find(contentPath: string, stored: StoredResumeData = {}) {
  const { owned, foreign } = await findOwnedFiles({ metainfo, contentPath, stored, signal });
  const names = (files: Iterable<MetainfoFile>) => [...files].map(({ path }) => path.join('/'));
  return { owned: names(owned.keys()), foreign: names(foreign) };
}

/** Something else of the same length, which the same inode may get. */
async function writeMine(path: string, lengthBytes: number) {
  await writeFile(path, Buffer.alloc(lengthBytes, 'mine'));
}

describe('what is the job’s own', () => {
  it('is what lies there as it was left, though nothing of it is good', async () => {
    const contentPath = await downloaded(['sub/c']);
    await writeMine(join(contentPath, 'a'), 250);
    const record = await recordOf(contentPath, createBitfield(metainfo.pieceCount));
    expect(await find(contentPath, { record })).toEqual({ owned: ['a', 'sub/c'], foreign: [] });
    expect(await find(contentPath)).toEqual({ owned: ['sub/c'], foreign: ['a'] });
  });

  it('is what the journal says was made, as long as it was not touched later', async () => {
    const contentPath = await downloaded([]);
    await writeMine(join(contentPath, 'a'), 250);
    const { stamps } = await recordOf(contentPath);
    const made = stamps.get(metainfo.files[0] ?? expect.fail());
    if (!made) throw new Error('it is there');
    const journal = (file: MadeFile, mtimeNs = made.ctimeNs) => ({
      journal: {
        pieces: new Set<number>(),
        made: new Map([[0, file]]),
        mtimeNs,
        isUnconfirmed: false,
      },
    });
    const ours = { owned: ['a'], foreign: [] };
    const foreign = { owned: [], foreign: ['a'] };
    const minuteNs = 60_000_000_000n;
    expect(await find(contentPath, journal(made))).toEqual(ours);
    expect(await find(contentPath, journal(made, made.ctimeNs - minuteNs))).toEqual(foreign);
    for (const change of [{ inode: made.inode + 1n }, { device: made.device + 1n }]) {
      expect(await find(contentPath, journal({ ...made, ...change }))).toEqual(foreign);
    }
    expect(await find(contentPath, { journal: 'damaged' })).toEqual(foreign);
  });

  it.each([
    [
      'another file at its path',
      async (path: string) => {
        await writeMine(`${path}.mine`, 300);
        await rename(`${path}.mine`, path);
      },
    ],
    ['other bytes in the very file', (path: string) => writeMine(path, 300)],
    ['fewer bytes in the very file', (path: string) => writeMine(path, 30)],
    [
      'another file with the time of ours',
      async (path: string) => {
        await writeMine(`${path}.mine`, 300);
        await utimes(`${path}.mine`, 1_000_000_000, 1_000_000_000);
        await rename(`${path}.mine`, path);
      },
    ],
  ])('is not %s, whatever is on record', async (_what, change) => {
    const contentPath = await downloaded();
    const path = join(contentPath, 'a');
    await utimes(path, 1_000_000_000, 1_000_000_000);
    const record = await recordOf(contentPath);
    await change(path);
    const others = ['sub/b', 'sub/empty', 'sub/c'];
    // What shares a piece with it is known by its stamp.
    expect(await find(contentPath, { record })).toEqual({ owned: others, foreign: ['a'] });
  });

  it.each([
    ['without a record', () => undefined],
    ['with one of version 1', ofVersion1],
    [
      'with one of another disk',
      ({ pieces, stamps }: ResumeData) => ({
        pieces,
        stamps: new Map([...stamps].map(([file, stamp]) => [file, { ...stamp, device: 0n }])),
      }),
    ],
  ])('is what holds a good piece, and the empty files beside it: %s', async (_what, change) => {
    const contentPath = await downloaded();
    await copyFile(join(contentPath, 'sub/c'), join(contentPath, 'copy'));
    await rename(join(contentPath, 'copy'), join(contentPath, 'sub/c'));
    await truncate(join(contentPath, 'a'), 150);
    const record = change(await recordOf(contentPath));
    const everyFile = ['a', 'sub/b', 'sub/empty', 'sub/c'];
    const { owned, foreign } = await find(contentPath, { record });
    // Half of `a` is there, the piece that `b` lies in is whole.
    expect([new Set(owned), foreign]).toEqual([new Set(everyFile), []]);
  });

  it('is an empty file only if it is on record, or the torrent has one there beside others that are the job’s', async () => {
    const contentPath = await downloaded([]);
    await mkdir(join(contentPath, 'sub'));
    await writeFile(join(contentPath, 'sub/empty'), '');
    await writeFile(join(contentPath, 'sub/c'), '');
    const both = ['sub/empty', 'sub/c'];
    expect(await find(contentPath)).toEqual({ owned: [], foreign: both });
    const record = ofVersion1(await recordOf(contentPath));
    expect(await find(contentPath, { record })).toEqual({ owned: both, foreign: [] });
    await writeFile(join(contentPath, 'a'), torrent.bytesOf('a'));
    expect(await find(contentPath)).toEqual({ owned: ['a', 'sub/empty'], foreign: ['sub/c'] });
  });

  it('is no file that has but a few bytes of a good piece: that may be chance', async () => {
    const few = scratchTorrent(100, [
      { path: 'a', lengthBytes: 197 },
      { path: 'b', lengthBytes: 200 },
    ]);
    const contentPath = join(await scratchFolder(), 'content');
    await layOut(few, contentPath);
    const b = join(contentPath, 'b');
    await writeFile(b, Buffer.concat([few.bytesOf('b').subarray(0, 3), Buffer.alloc(197, 'mine')]));
    const request = { metainfo: few.metainfo, contentPath, stored: {}, signal };
    const { owned, foreign } = await findOwnedFiles(request);
    expect([[...owned.keys()], foreign]).toEqual([
      [few.metainfo.files[0]],
      [few.metainfo.files[1]],
    ]);
  });

  it('is a file of a few bytes, though they are spread over two pieces', async () => {
    const few = scratchTorrent(100, [
      { path: 'a', lengthBytes: 195 },
      { path: 'b', lengthBytes: 10 },
      { path: 'c', lengthBytes: 195 },
    ]);
    const contentPath = join(await scratchFolder(), 'content');
    await layOut(few, contentPath);
    const request = { metainfo: few.metainfo, contentPath, stored: {}, signal };
    const { owned, foreign } = await findOwnedFiles(request);
    expect([[...owned.keys()], foreign]).toEqual([few.metainfo.files, []]);
  });

  it('is nothing behind a link, and no file that is longer than the torrent’s', async () => {
    const contentPath = await downloaded(['a', 'sub/c']);
    await writeMine(join(contentPath, 'a'), 301);
    await rename(join(contentPath, 'sub'), join(dirname(contentPath), 'elsewhere'));
    await symlink('../elsewhere', join(contentPath, 'sub'));
    expect(await find(contentPath)).toEqual({ owned: [], foreign: [] });
  });

  it('is nothing where nothing is', async () => {
    const contentPath = await downloaded([]);
    await rm(contentPath, { recursive: true });
    expect(await find(contentPath)).toEqual({ owned: [], foreign: [] });
  });

  it('rejects with the signal’s reason', async () => {
    const contentPath = await downloaded();
    const reason = new Error('enough');
    const aborted = AbortSignal.abort(reason);
    const request = { metainfo, contentPath, stored: {}, signal: aborted };
    await expect(findOwnedFiles(request)).rejects.toBe(reason);
  });
});
