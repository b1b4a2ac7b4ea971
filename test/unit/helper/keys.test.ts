// Jobs by the caller's own names, and what a download is told beside its source.
import { mkdir } from 'node:fs/promises';
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
