// Files with several names: read and seeded as any other, but not written to under one name while they have another, since
// what has it is not this job's. Its own relocation, which links, is no such other.
import { existsSync } from 'node:fs';
import { link, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '../support/disks/content-files.js';
import { isWhole } from '../support/disks/relocated-content.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import {
  downloadDirOf,
  failed,
  startDownloader,
  stopDownloader,
  warned,
  warningsOf,
} from '../support/helper/downloader.js';
import {
  type GrowingSwarm,
  pieceBytes,
  startGrowingSwarm,
} from '../support/peers/growing-swarm.js';
import { until } from '../support/waiting.js';
import { randomMoments } from './random-moments.js';

const kills = 4;

let folder: string;
/** Of `x.bin`, which is downloaded, and of its second name. */
let path: string;
let second: string;
let swarm: GrowingSwarm;
let source: string;

beforeEach(async () => {
  folder = await scratchFolder();
  path = join(downloadDirOf(folder), 'x.bin');
  second = join(folder, 'library/x.bin');
  for (const each of [path, second]) await mkdir(dirname(each));
  const files = [{ path: '', lengthBytes: 8 * pieceBytes - 100 }];
  swarm = await startGrowingSwarm(folder, { name: 'x.bin', files });
  source = `torrent:${swarm.torrentFile}`;
});

const look = async (file: string) => {
  const { ino, nlink, mtimeMs } = await stat(file);
  return { ino, nlink, mtimeMs, hash: await hashOf(file) };
};

describe('an unfinished file with a second name', () => {
  it('is not written to, however good its pieces, until it has but one', async () => {
    const bytes = Buffer.from(swarm.torrent.content);
    await writeFile(path, bytes.fill('x', 3 * pieceBytes));
    await link(path, second);
    const before = await look(second);
    swarm.offerAll();
    const helper = await startDownloader(folder, source);
    expect(await failed(helper, 'DESTINATION_EXISTS')).toContain(path);
    for (const name of [path, second]) expect(await look(name)).toEqual(before);

    await rm(second);
    helper.write(source);
    await helper.line('2:x.bin:100');
    expect(await isWhole(swarm.torrent, path)).toBe(true);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'that it got while no helper ran (%s) is waited for by the session, and goes on by itself',
    async (signal) => {
      swarm.offer([0, 1]);
      const first = await startDownloader(folder, '--session', 'links', source);
      await first.line('1:x.bin:25');
      await stopDownloader(first, signal);
      await link(path, second);
      const before = await look(second);

      swarm.offerAll();
      const helper = await startDownloader(folder, '--session', 'links');
      expect(await warned(helper, 'DESTINATION_EXISTS')).toContain(path);
      for (const name of [path, second]) expect(await look(name)).toEqual(before);
      await rm(second);
      await helper.line('1:x.bin:100');
      expect(await isWhole(swarm.torrent, path)).toBe(true);
      expect(warningsOf(helper, 'DESTINATION_EXISTS')).toHaveLength(1);
    },
  );

  it('that it got in the middle of its download is completed under both', async () => {
    swarm.offer([0, 1]);
    const helper = await startDownloader(folder, source);
    await helper.line('1:x.bin:25');
    await link(path, second);
    swarm.offerAll();
    await helper.line('1:x.bin:100');
    for (const name of [path, second]) expect(await isWhole(swarm.torrent, name)).toBe(true);
    expect((await look(path)).ino).toBe((await look(second)).ino);
    expect(helper.stderr.filter((line) => line.includes(': warning: '))).toEqual([]);
  });
});

describe('a finished file with many names', () => {
  it('is taken over and seeded, again and again', async () => {
    await writeFile(path, swarm.torrent.content);
    for (const nth of [1, 2, 3]) await link(path, `${second}-${nth}`);
    const before = await look(path);
    for (const _ of ['read', 'on record']) {
      const helper = await startDownloader(folder, source);
      await helper.line('1:x.bin:100');
      await stopDownloader(helper);
      expect(await look(path)).toEqual(before);
    }
  });
});

describe('move: on one disk', () => {
  it.each([
    ['an unfinished download', [0, 1], 25],
    ['a complete one', [0, 1, 2, 3, 4, 5, 6, 7], 100],
  ])('moves %s, which ends with one name', async (_, pieces, percent) => {
    swarm.offer(pieces);
    const helper = await startDownloader(folder, source);
    await helper.line(`1:x.bin:${percent}`);
    const to = join(folder, 'elsewhere');
    helper.write(`move:1:${to}`);
    await helper.diagnostic(/: job 1 \(x\.bin\): moved: .+elsewhere/);
    swarm.offerAll();
    await helper.line('1:x.bin:100');
    expect(await isWhole(swarm.torrent, join(to, 'x.bin'))).toBe(true);
    await until(async () => (await stat(join(to, 'x.bin'))).nlink === 1, 'one name');
    await stopDownloader(helper);
    expect(helper.stderr.filter((line) => / (warning|failed): /.test(line))).toEqual([]);
  });

  it.for([
    ['a complete download', 100],
    ['an unfinished one', 50],
  ] as const)('that is killed at any moment does not hold up %s', async ([, percent], context) => {
    const random = await randomMoments(context);
    for (let round = 0; round < kills; round += 1) {
      const name = `all-${round}`;
      const lengthBytes = 2 * pieceBytes;
      const files = Array.from({ length: 60 }, (_, nth) => ({ path: `${nth}`, lengthBytes }));
      const many = await startGrowingSwarm(folder, { name, files });
      // Something of each file.
      if (percent < 100) many.offer(files.map((_, nth) => 2 * nth));
      else many.offerAll();
      const args = ['--session', name];
      const first = await startDownloader(folder, ...args, `torrent:${many.torrentFile}`);
      await first.line(`1:${name}:${percent}`);
      const to = join(folder, `elsewhere-${round}`);
      first.write(`move:1:${to}`);
      await until(() => existsSync(to), 'begun');
      await delay(random.between(0, 40));
      await stopDownloader(first, 'SIGKILL');

      many.offerAll();
      const second = await startDownloader(folder, ...args);
      await second.line(`1:${name}:100`);
      const done = await second.diagnostic(/: done: /);
      const contentPath = done.slice(done.indexOf(': done: ') + ': done: '.length);
      expect(await isWhole(many.torrent, contentPath)).toBe(true);
      await stopDownloader(second);
    }
  });
});
