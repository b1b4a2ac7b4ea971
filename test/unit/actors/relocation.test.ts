import { access, mkdir, open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import type { LocatedTorrent } from '../../../machines/types.js';
import { commitRelocationActor } from '../../../src/actors/commit-relocation.js';
import { copyContentActor } from '../../../src/actors/copy-content.js';
import { removeSourceActor } from '../../../src/actors/remove-source.js';
import { createDeferred } from '../../../src/async/deferred.js';
import { hashCacheIn } from '../../../src/metainfo/create/hash-cache.js';
import { makeMetainfo } from '../../../src/metainfo/create/make-metainfo.js';
import type { Metainfo } from '../../../src/metainfo/metainfo.js';
import { everyPiece, hasPiece } from '../../../src/storage/layout/bitfield.js';
import { decodeResumeData, encodeResumeData } from '../../../src/storage/resume/resume-data.js';
import { readResumeData, resumePaths } from '../../../src/storage/resume/resume-files.js';
import { validateResumeData } from '../../../src/storage/resume/validate-resume-data.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { hasOtherDisk, otherDisk } from '../../support/disks/small-disk.js';
import { stampsOnDisk } from '../../support/disks/stamps-on-disk.js';
import { actorParts, runActor } from '../../support/engine/actor-parts.js';
import {
  createSample,
  expectContent,
  type Sample,
  type SampleOptions,
} from '../../support/torrents/sample-on-disk.js';

const sample = async () => createSample(await scratchFolder(), { files: [70_000, 0, 120_000] });
const placedAt = ({ metainfo, contentPath }: Sample): LocatedTorrent => ({
  torrent: metainfo,
  contentPath,
  peers: ['10.0.0.7:6881'],
});

describe('the actors of a relocation', () => {
  it('copy, commit and remove the source, and give the torrent back with its new place', async () => {
    const parts = actorParts();
    const content = await sample();
    const located = placedAt(content);
    const dir = join(await scratchFolder(), 'made');
    const to = join(dir, content.metainfo.name);
    const staged = await runActor(copyContentActor(parts), {
      id: 1,
      located,
      dir,
      isServing: true,
    });
    expect(staged).toEqual({ stagedPath: expect.stringContaining(dir), contentPath: to });
    await expectContent(content, staged.stagedPath);
    const moved = await runActor(commitRelocationActor(parts), { id: 1, located, dir, staged });
    expect(moved).toEqual({ ...located, contentPath: to });
    await expectContent(content, content.contentPath);
    await runActor(removeSourceActor(parts), { id: 1, located: moved });
    await expectContent(content, to);
    expect(await readdir(dirname(content.contentPath))).toEqual([]);
    expect(await readdir(dir)).toEqual([content.metainfo.name]);
  });

  it('delete nothing when the content lies there already', async () => {
    const parts = actorParts();
    const content = await sample();
    const located = placedAt(content);
    const dir = dirname(content.contentPath);
    const staged = await runActor(copyContentActor(parts), {
      id: 1,
      located,
      dir,
      isServing: true,
    });
    const moved = await runActor(commitRelocationActor(parts), { id: 1, located, dir, staged });
    expect(moved).toEqual(located);
    await runActor(removeSourceActor(parts), { id: 1, located: moved });
    await expectContent(content, content.contentPath);
  });

  it('copy what is not complete only when the swarm has let go of it', async () => {
    const left = createDeferred<void>();
    const parts = actorParts();
    const engine = { ...parts.engine, left: vi.fn(() => left.promise) };
    const content = await sample();
    const dir = await scratchFolder();
    const input = { id: 1, located: placedAt(content), dir, isServing: false };
    const copying = runActor(copyContentActor({ ...parts, engine }), input);
    expect(engine.left).toHaveBeenCalledWith(content.metainfo.infoHash);
    expect(await readdir(dir)).toEqual([]);
    left.resolve();
    await expectContent(content, (await copying).stagedPath);
  });

  it('move nothing before the swarm has let go of the files', async () => {
    const left = createDeferred<void>();
    const parts = actorParts();
    const engine = { ...parts.engine, left: vi.fn(() => left.promise) };
    const content = await sample();
    const dir = await scratchFolder();
    const input = { id: 1, located: placedAt(content), dir, staged: undefined };
    const moving = runActor(commitRelocationActor({ ...parts, engine }), input);
    expect(engine.left).toHaveBeenCalledWith(content.metainfo.infoHash);
    expect(await readdir(dir)).toEqual([]);
    left.resolve();
    await expectContent(content, (await moving).contentPath);
  });

  it('delete nothing before the session knows the new place', async () => {
    const settled = createDeferred<void>();
    const parts = actorParts();
    const session = { ...parts.session, settled: () => settled.promise };
    const content = await sample();
    const dir = await scratchFolder();
    const input = { id: 1, located: placedAt(content), dir, staged: undefined };
    const located = await runActor(commitRelocationActor(parts), input);
    const clearing = runActor(removeSourceActor({ ...parts, session }), { id: 1, located });
    await expectContent(content, content.contentPath);
    settled.resolve();
    await clearing;
    await expect(access(content.contentPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('take the resume information along', async () => {
    const stateDir = await scratchFolder();
    const content = await sample();
    await putOnRecord(stateDir, content);
    const { metainfo, contentPath } = content;
    const old = resumePaths(stateDir, metainfo.infoHash, contentPath).record;
    const input = {
      id: 1,
      located: placedAt(content),
      dir: await scratchFolder(),
      staged: undefined,
    };
    const moved = await runActor(commitRelocationActor(actorParts(stateDir)), input);
    const path = resumePaths(stateDir, metainfo.infoHash, moved.contentPath).record;
    const saved = decodeResumeData(await readFile(path), { ...moved, metainfo });
    expect(saved?.pieces).toEqual(everyPiece(metainfo.pieceCount));
    await expect(access(old)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keep other jobs from both places for as long as it takes, and no longer', async () => {
    const left = createDeferred<void>();
    const parts = actorParts();
    const { torrentLocks } = parts;
    const engine = { ...parts.engine, left: () => left.promise };
    const content = await sample();
    const dir = await scratchFolder();
    const to = join(dir, content.metainfo.name);
    // As the swarm does, in which the job still is while its content is staged.
    const { infoHash } = content.metainfo;
    const { contentPath } = content;
    const leave = torrentLocks.lock({ jobId: 1, infoHash, contentPath, role: 'seed' });
    await runActor(copyContentActor(parts), {
      id: 1,
      located: placedAt(content),
      dir,
      isServing: true,
    });
    leave();
    const input = { id: 1, located: placedAt(content), dir, staged: undefined };
    const moving = runActor(commitRelocationActor({ ...parts, engine }), input);
    const other = { jobId: 2, infoHash: 'b'.repeat(40), role: 'download' } as const;
    for (const place of [contentPath, to]) {
      expect(() => torrentLocks.lock({ ...other, contentPath: place })).toThrow(/in use by job 1/);
    }
    left.resolve();
    await moving;
    torrentLocks.lock({ ...other, contentPath: to });
  });

  it('move nothing to where another job writes', async () => {
    const parts = actorParts();
    const content = await sample();
    const dir = await scratchFolder();
    const to = join(dir, content.metainfo.name);
    const other = { jobId: 2, infoHash: 'b'.repeat(40), role: 'download' } as const;
    parts.torrentLocks.lock({ ...other, contentPath: to });
    const input = { id: 1, located: placedAt(content), dir, isServing: true };
    const refusal = { code: 'DESTINATION_EXISTS', message: expect.stringContaining('job 2') };
    await expect(runActor(copyContentActor(parts), input)).rejects.toMatchObject(refusal);
    await expect(
      runActor(commitRelocationActor(parts), { ...input, staged: undefined }),
    ).rejects.toMatchObject(refusal);
    expect(await readdir(dir)).toEqual([]);
    await expectContent(content, content.contentPath);
  });

  it('leave nothing of a copy that was cancelled, which the cleanup registry waits for', async () => {
    const parts = actorParts();
    const content = await createSample(await scratchFolder(), { files: Array(2_000).fill(10) });
    const dir = await scratchFolder();
    const cancelled = createActor(copyContentActor(parts), {
      input: { id: 1, located: placedAt(content), dir, isServing: true },
    });
    cancelled.subscribe({ error: () => {} });
    cancelled.start();
    // As soon as there is a staging folder, two thousand files before the copy is whole.
    while ((await readdir(dir)).length === 0);
    cancelled.stop();
    expect(cancelled.getSnapshot().output).toBeUndefined();
    await parts.cleanups.settled();
    expect(await readdir(dir)).toEqual([]);
    await expectContent(content, content.contentPath);
  });

  it('begin again at once after an attempt that was broken off', async () => {
    const parts = actorParts();
    const content = await sample();
    const located = placedAt(content);
    const dir = await scratchFolder();
    const input = { id: 1, located, dir, isServing: true };
    for (let attempt = 0; attempt < 5; attempt++) {
      const broken = createActor(copyContentActor(parts), { input });
      broken.subscribe({ error: () => {} });
      broken.start();
      await Promise.resolve();
      broken.stop();
    }
    const staged = await runActor(copyContentActor(parts), input);
    await expectContent(content, staged.stagedPath);
  });

  it('fail with the path that is in the way, and hold nothing then', async () => {
    const parts = actorParts();
    const content = await sample();
    const dir = await scratchFolder();
    const to = join(dir, content.metainfo.name);
    await mkdir(to);
    await writeFile(join(to, 'mine'), 'mine');
    const input = { id: 1, located: placedAt(content), dir, staged: undefined };
    await expect(runActor(commitRelocationActor(parts), input)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
      message: expect.stringContaining(to),
    });
    const other = { jobId: 2, infoHash: 'b'.repeat(40), role: 'download' } as const;
    parts.torrentLocks.lock({ ...other, contentPath: to });
  });
});

const kinds = [
  ['a folder', { files: [70_000, 0, 120_000] }],
  ['a file', { lengthBytes: 190_000 }],
] as const;
const disks = [
  ['the same disk', scratchFolder],
  ...(hasOtherDisk ? ([['another disk', otherDisk]] as const) : []),
] as const;
const ways = kinds.flatMap(([kind, options]) =>
  disks.map(([disk, folderThere]) => ({ kind, options, disk, folderThere })),
);

/** Complete content, and a record that says so. */
async function recorded(options: SampleOptions) {
  const stateDir = await scratchFolder();
  const content = await createSample(await scratchFolder(), options);
  await putOnRecord(stateDir, content);
  return { parts: actorParts(stateDir), stateDir, content };
}

async function putOnRecord(stateDir: string, { metainfo, contentPath }: Sample) {
  const { record } = resumePaths(stateDir, metainfo.infoHash, contentPath);
  const pieces = everyPiece(metainfo.pieceCount);
  const stamps = await stampsOnDisk(metainfo, contentPath);
  await mkdir(dirname(record), { recursive: true });
  const subject = { metainfo, contentPath };
  await writeFile(record, await encodeResumeData(subject, { pieces, stamps }, new Date()));
}

/** Which of all pieces a join there would have to read. */
async function unsureAt(stateDir: string, metainfo: Metainfo, contentPath: string) {
  const paths = resumePaths(stateDir, metainfo.infoHash, contentPath);
  const stored = await readResumeData(paths, { metainfo, contentPath });
  const stamps = await stampsOnDisk(metainfo, contentPath);
  const { trusted, doubtful } = validateResumeData(metainfo, stored, stamps);
  const indices = Array.from({ length: metainfo.pieceCount }, (_, index) => index);
  return indices.filter((index) => !hasPiece(trusted, index) || hasPiece(doubtful, index));
}

/** Another byte, and the time of before: only the time of the change (ctime) tells. */
async function changeSecretly(path: string) {
  const { atime, mtime } = await stat(path);
  const handle = await open(path, 'r+');
  await handle.write(Buffer.from([0]), 0, 1, 0);
  await handle.close();
  await utimes(path, atime, mtime);
}

describe.each(ways)('$kind that is relocated to $disk', ({ options, folderThere }) => {
  it('need not be read again, wherever it lies', async () => {
    const { parts, stateDir, content } = await recorded(options);
    const { metainfo, contentPath } = content;
    const located = placedAt(content);
    const dir = await folderThere();
    const to = join(dir, metainfo.name);
    const input = { id: 1, located, dir };
    const staged = await runActor(copyContentActor(parts), { ...input, isServing: true });
    expect(await unsureAt(stateDir, metainfo, contentPath)).toEqual([]);
    const moved = await runActor(commitRelocationActor(parts), { ...input, staged });
    // As a kill would leave it.
    expect(await unsureAt(stateDir, metainfo, to)).toEqual([]);
    await runActor(removeSourceActor(parts), { id: 1, located: moved });
    expect(await unsureAt(stateDir, metainfo, to)).toEqual([]);
    expect((await stat(firstFile(content, to))).nlink).toBe(1);
  });

  it.each(['copied', 'committed', 'removed'] as const)(
    'is read again if somebody had changed it, and set its time back, before it was %s',
    async (step) => {
      const { parts, stateDir, content } = await recorded(options);
      const { metainfo, contentPath } = content;
      const located = placedAt(content);
      const dir = await folderThere();
      const to = join(dir, metainfo.name);
      const input = { id: 1, located, dir };
      if (step === 'copied') await changeSecretly(firstFile(content, contentPath));
      const staged = await runActor(copyContentActor(parts), { ...input, isServing: true });
      if (step === 'committed') await changeSecretly(firstFile(content, contentPath));
      const moved = await runActor(commitRelocationActor(parts), { ...input, staged });
      if (step === 'removed') await changeSecretly(firstFile(content, to));
      await runActor(removeSourceActor(parts), { id: 1, located: moved });
      expect(await unsureAt(stateDir, metainfo, to)).toContain(0);
    },
  );
});

describe.each(ways)(
  '$kind that is published, and relocated to $disk',
  ({ options, folderThere }) => {
    it.each([
      ['need not be hashed again', false],
      ['is hashed again if somebody had changed it, and set its time back', true],
    ] as const)('%s', async (_what, isChanged) => {
      const stateDir = await scratchFolder();
      const parts = actorParts(stateDir);
      const { contentPath } = await createSample(await scratchFolder(), options);
      const made = await make(stateDir, contentPath);
      const { metainfo } = made;
      const first = { ...made, bytes: Buffer.alloc(0) };
      const located = { torrent: metainfo, contentPath, peers: [] };
      const dir = await folderThere();
      const input = { id: 1, located, dir };
      if (isChanged) await changeSecretly(firstFile(first, contentPath));
      const staged = await runActor(copyContentActor(parts), { ...input, isServing: true });
      // As a kill would leave it, each time.
      expect((await make(stateDir, contentPath)).isRead).toBe(isChanged);
      const moved = await runActor(commitRelocationActor(parts), { ...input, staged });
      if (!isChanged)
        expect((await make(stateDir, contentPath, moved.contentPath)).isRead).toBe(false);
      await runActor(removeSourceActor(parts), { id: 1, located: moved });
      expect((await make(stateDir, contentPath, moved.contentPath)).isRead).toBe(isChanged);
    });
  },
);

/** As a helper does that was started just now, and whether the content was read. */
async function make(stateDir: string, path: string, contentPath = path) {
  const hashCache = hashCacheIn(stateDir);
  const set = vi.fn(hashCache.set);
  const request = {
    path,
    contentPath,
    isPrivate: true,
    announce: [],
    hashCache: { ...hashCache, set },
  };
  const made = await makeMetainfo(request, new AbortController().signal);
  return { ...made, isRead: set.mock.calls.length > 0 };
}

function firstFile({ metainfo }: Sample, contentPath: string): string {
  return join(contentPath, ...(metainfo.files[0]?.path ?? []));
}
