import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHelper } from '../../src/create-helper.js';
import type { Helper } from '../../src/helper.js';

let dir: string;
let helper: Helper;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'make-metainfo-')));
  await mkdir(join(dir, 'data', 'torrents'), { recursive: true });
  await writeFile(join(dir, 'data', 'a'), 'content');
});
afterEach(async () => {
  await helper.close();
  await rm(dir, { recursive: true });
});

describe('makeMetainfo', () => {
  it('refuses a folder that holds the torrent dir: its .torrent would become content', async () => {
    helper = await createHelper({ torrentDir: join(dir, 'data', 'torrents'), noDht: true });
    await expect(helper.seed(join(dir, 'data')).published).rejects.toMatchObject({
      code: 'TORRENT_UNWRITABLE',
    });
  });

  it('fails the later of two jobs for one path, whichever would be quicker', async () => {
    helper = await createHelper({ torrentDir: dir, noDht: true });
    const [first, second] = [helper.seed(join(dir, 'data')), helper.seed(join(dir, '.', 'data'))];
    await expect(second.published).rejects.toMatchObject({
      code: 'DUPLICATE',
      message: expect.stringContaining('job 1'),
    });
    await first.published;
  });

  it('begins anew when a job is resumed while it lets go of what it read', async () => {
    helper = await createHelper({ torrentDir: dir, noDht: true });
    const job = helper.seed(join(dir, 'data'));
    job.pause();
    job.resume();
    await job.published;
  });

  it('takes a file that lies in the torrent dir, and a folder beside it', async () => {
    helper = await createHelper({ torrentDir: dir, noDht: true });
    const { torrentFile } = await helper.seed(join(dir, 'data')).published;
    expect(torrentFile).toBe(join(dir, 'data.torrent'));
    await helper.seed(join(dir, 'data', 'a')).published;
  });
});
