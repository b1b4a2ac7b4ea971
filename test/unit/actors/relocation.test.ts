import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createActor } from 'xstate';
import type { LocatedTorrent } from '../../../machines/types.js';
import { commitRelocationActor } from '../../../src/actors/commit-relocation.js';
import { copyContentActor } from '../../../src/actors/copy-content.js';
import { removeSourceActor } from '../../../src/actors/remove-source.js';
import { createDeferred } from '../../../src/async/deferred.js';
import { everyPiece } from '../../../src/storage/layout/bitfield.js';
import { decodeResumeData, encodeResumeData } from '../../../src/storage/resume/resume-data.js';
import { resumePaths } from '../../../src/storage/resume/resume-files.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { stampsOnDisk } from '../../support/disks/stamps-on-disk.js';
import { actorParts, runActor } from '../../support/engine/actor-parts.js';
import { createSample, expectContent, type Sample } from '../../support/torrents/sample-on-disk.js';

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
    const { metainfo, contentPath } = content;
    const stamps = await stampsOnDisk(metainfo, contentPath);
    const record = { pieces: everyPiece(metainfo.pieceCount), stamps };
    const old = resumePaths(stateDir, metainfo.infoHash, contentPath).record;
    await mkdir(dirname(old));
    await writeFile(old, encodeResumeData(content, record, new Date()));
    const input = {
      id: 1,
      located: placedAt(content),
      dir: await scratchFolder(),
      staged: undefined,
    };
    const moved = await runActor(commitRelocationActor(actorParts(stateDir)), input);
    const path = resumePaths(stateDir, metainfo.infoHash, moved.contentPath).record;
    const saved = decodeResumeData(await readFile(path), { ...moved, metainfo });
    expect(saved?.pieces).toEqual(record.pieces);
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
