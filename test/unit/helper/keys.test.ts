// Jobs by the caller's own names, and what a download is told beside its source.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { file, helper } from '../../support/helper/library-setup.js';

const magnet = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`;
const other = `magnet:?xt=urn:btih:${'cd'.repeat(20)}`;

describe('a key', () => {
  it('finds its job, and gives the same job to who asks for the same again', async () => {
    const given = await helper();
    const job = given.download(magnet, { key: 'a' });
    expect(job.key).toBe('a');
    expect(given.jobByKey('a')).toBe(job);
    expect(given.job(job.id)).toBe(job);
    expect(given.download(magnet, { key: 'a' })).toBe(job);
    expect(given.jobs).toEqual([job]);
    expect(given.jobByKey('b')).toBeUndefined();
    expect(given.job(2)).toBeUndefined();
  });

  it('is refused to who asks for something else under it', async () => {
    const given = await helper();
    const { path } = await file();
    given.download(magnet, { key: 'a' });
    const taken = { code: 'KEY_TAKEN', message: expect.stringContaining('"a"'), retryable: false };
    expect(() => given.download(other, { key: 'a' })).toThrow(expect.objectContaining(taken));
    expect(() => given.download(magnet, { key: 'a', paused: true })).toThrow(
      expect.objectContaining(taken),
    );
    expect(() => given.download(magnet, { key: 'a', dir: '/elsewhere' })).toThrow(
      expect.objectContaining(taken),
    );
    expect(() => given.seed(path, { key: 'a' })).toThrow(expect.objectContaining(taken));
    expect(given.jobs).toHaveLength(1);
  });

  it('is free again when its job is over', async () => {
    const given = await helper();
    const job = given.download(magnet, { key: 'a' });
    await job.remove();
    expect(given.jobByKey('a')).toBeUndefined();
    expect(given.download(other, { key: 'a' }).id).toBe(2);
    expect(job.key).toBe('a');
  });

  it('is of 1 to 128 characters, none of them by halves', async () => {
    const given = await helper();
    const badKeys: readonly unknown[] = ['', 'x'.repeat(129), '\ud800', 1, null];
    for (const key of badKeys) {
      const options = { key } as { key: string };
      expect(() => given.download(magnet, options), String(key)).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }),
      );
    }
    expect(given.jobs).toEqual([]);
    expect(given.download(magnet, { key: '🗝'.repeat(128), paused: true }).id).toBe(1);
  });
});

describe('a session', () => {
  it('brings keys back with their jobs, and when these were given and done', async () => {
    const session = { stateDir: await scratchFolder(), session: 'story' };
    const first = await helper(session);
    const { path } = await file();
    const beforeMs = Date.now();
    const seed = first.seed(path, { key: 'mine' });
    const waits = first.download(magnet, { key: 'waits', paused: true });
    expect(seed.doneMs).toBeUndefined();
    await seed.published;
    const { addedMs, doneMs = 0 } = seed;
    expect(addedMs).toBeGreaterThanOrEqual(beforeMs);
    expect(doneMs).toBeGreaterThanOrEqual(addedMs);
    await first.close();
    const second = await helper(session);
    expect(second.seed(path, { key: 'mine' })).toMatchObject({ id: 1, key: 'mine', addedMs });
    const again = second.download(magnet, { key: 'waits', paused: true });
    expect(again).toMatchObject({ id: 2, state: 'paused', addedMs: waits.addedMs });
    expect(() => second.download(other, { key: 'waits' })).toThrow(
      expect.objectContaining({ code: 'KEY_TAKEN' }),
    );
    const republished = second.jobByKey('mine');
    await republished?.published;
    expect(republished?.doneMs).toBe(doneMs);
    await again.remove();
    expect(second.download(other, { key: 'waits' }).id).toBe(3);
  });

  it('brings back a download into a folder of its own', async () => {
    const source = await helper();
    const { path } = await file();
    const { torrentFile } = await source.seed(path).published;
    const session = { stateDir: await scratchFolder(), session: 'story' };
    const dir = join(await scratchFolder(), 'own');
    const first = await helper(session);
    first.download(torrentFile, { dir, paused: true });
    await first.close();
    const second = await helper(session);
    const job = second.job(1);
    await job?.resume();
    const done = await job?.done;
    expect(done?.contentPath).toBe(join(dir, job?.name ?? ''));
  });

  it('keeps metainfo that was handed over, for as long as its job lives', async () => {
    const { path } = await file();
    const source = await helper();
    const { torrentFile } = await source.seed(path).published;
    const metainfo = await readFile(torrentFile);
    const stateDir = await scratchFolder();
    const session = { stateDir, session: 'story' };
    const first = await helper(session);
    first.download({ metainfo }, { key: 'a', paused: true });
    await first.close();
    const folder = join(stateDir, 'sessions', 'story');
    expect(await readdir(folder)).toContain('job-1.torrent');
    const second = await helper(session);
    const job = second.download({ metainfo }, { key: 'a', paused: true });
    expect(job.id).toBe(1);
    await job.resume();
    await job.done;
    await job.remove();
    await second.close();
    expect((await readdir(folder)).filter((name) => name.startsWith('job-'))).toEqual([]);
  });
});

describe('metainfo that is handed over', () => {
  it('is downloaded, and shown in no line', async () => {
    const source = await helper();
    const { path } = await file();
    const { torrentFile } = await source.seed(path).published;
    const given = await helper();
    const metainfo = new Uint8Array(await readFile(torrentFile));
    const job = given.download({ metainfo });
    // It is the job's own.
    metainfo.fill(0);
    expect(job.file).toMatch(/^metainfo:[0-9a-f]{64}$/);
    await job.done;
    expect(job).toMatchObject({
      ...{ name: job.file, isPrivate: true, pieceLengthBytes: 16_384, pieceCount: 13 },
      fileCount: 1,
    });
  });

  it('is refused where it is none, or no bytes at all', async () => {
    const given = await helper();
    const invalid = given.download({ metainfo: Buffer.from('none') });
    await expect(invalid.done).rejects.toMatchObject({ code: 'METAINFO_INVALID' });
    const notBytes = ['', 'abc', [1], new Uint8Array(0)] as unknown as Uint8Array[];
    for (const metainfo of notBytes) {
      expect(() => given.download({ metainfo })).toThrow(
        expect.objectContaining({ code: 'INSTRUCTION_INVALID' }),
      );
    }
    const large = new Uint8Array(32 * 2 ** 20 + 1);
    expect(() => given.download({ metainfo: large })).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  });

  it('takes so much memory at most, until its jobs are over', async () => {
    const given = await helper();
    const metainfo = new Uint8Array(32 * 2 ** 20);
    const take = (index: number) => {
      metainfo[0] = index;
      return given.download({ metainfo }, { key: `${index}`, paused: true });
    };
    const jobs = Array.from({ length: 8 }, (_, index) => take(index));
    expect(() => take(8)).toThrow(expect.objectContaining({ code: 'WAITING_FOR_MEMORY' }));
    // What is there already takes nothing.
    expect(take(0)).toBe(jobs[0]);
    await jobs[0]?.remove();
    expect(take(8).id).toBe(9);
  });
});

describe('a download', () => {
  it('begins paused where that is asked, and goes on when it is resumed', async () => {
    const source = await helper();
    const { path } = await file();
    const { torrentFile } = await source.seed(path).published;
    const given = await helper();
    const job = given.download(torrentFile, { paused: true });
    expect(job.state).toBe('paused');
    await job.resume();
    await job.done;
  });

  it('lies in the folder of its own, and stays there', async () => {
    const source = await helper();
    const { path } = await file();
    const { torrentFile } = await source.seed(path).published;
    const moveCompleted = join(await scratchFolder(), 'complete');
    await mkdir(moveCompleted);
    const given = await helper({ moveCompleted });
    const dir = join(await scratchFolder(), 'new', 'own');
    const job = given.download(torrentFile, { dir });
    const { contentPath } = await job.done;
    expect(contentPath).toBe(join(dir, job.name ?? ''));
    expect(job.state).toBe('seeding');
  });
});
