// A folder of a download is swapped for a link to a folder elsewhere, once or all the time: nothing there is made, written
// or deleted, and the download is completed once the link is gone.
import { lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { swapFolder } from '../support/disks/folder-swapper.js';
import { isWhole } from '../support/disks/relocated-content.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { downloadDirOf, startDownloader, warned } from '../support/helper/downloader.js';
import type { HelperProcess } from '../support/helper/helper-process.js';
import {
  type GrowingSwarm,
  pieceBytes,
  startGrowingSwarm,
} from '../support/peers/growing-swarm.js';

const fileBytes = pieceBytes / 4;
/** Many, so that many are opened while the folder is swapped. */
const names = Array.from({ length: 200 }, (_, nth) => `${nth}`);
const files = names.map((name) => ({ path: `sub/${name}`, lengthBytes: fileBytes }));
/** How long the job is told again and again to go on, while the folder is swapped. */
const swappedMs = 2_000;
const patienceMs = 15_000;

let folder: string;
let content: string;
let sub: string;
let outside: string;
let swarm: GrowingSwarm;
let source: string;

beforeEach(async () => {
  folder = await scratchFolder();
  content = join(downloadDirOf(folder), 'all');
  sub = join(content, 'sub');
  outside = join(folder, 'outside');
  for (const name of ['outside', 'workshop']) await mkdir(join(folder, name));
  swarm = await startGrowingSwarm(folder, { name: 'all', files });
  source = `torrent:${swarm.torrentFile}`;
});

/** Files outside of the same names and sizes. */
async function fillOutside(): Promise<void> {
  for (const name of names.slice(0, names.length / 2)) {
    await writeRandom(join(outside, name), fileBytes);
  }
}

/** All that would show that something was done to them. */
async function lookOutside() {
  const found = await readdir(outside);
  return Promise.all(
    found.sort().map(async (name) => {
      const { ino, mtimeMs } = await lstat(join(outside, name));
      return { name, ino, mtimeMs, hash: await hashOf(join(outside, name)) };
    }),
  );
}

async function begin(): Promise<HelperProcess> {
  swarm.offer([0, 1, 2, 3, 4]);
  const helper = await startDownloader(folder, source);
  await helper.line('1:all:10');
  return helper;
}

describe('a download dir that is a link itself', () => {
  it('is gone through, as its user wants', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await symlink(elsewhere, downloadDirOf(folder));
    swarm.offerAll();
    const helper = await startDownloader(folder, source);
    await helper.line('1:all:100');
    expect(await isWhole(swarm.torrent, join(elsewhere, 'all'))).toBe(true);
    helper.write('delete:1');
    await helper.diagnostic(/: job 1 \(all\): removed$/);
    expect(await readdir(elsewhere)).toEqual([]);
  });
});

describe('a folder that was swapped for a link', () => {
  it('holds up its download until it is back, and nothing is written where the link leads', async () => {
    const helper = await begin();
    await fillOutside();
    const before = await lookOutside();
    await rename(sub, join(folder, 'workshop/sub'));
    await symlink(outside, sub);
    swarm.offerAll();
    expect(await warned(helper, 'DESTINATION_EXISTS')).toContain(`${sub} `);
    expect(await lookOutside()).toEqual(before);
    await rm(sub);
    await rename(join(folder, 'workshop/sub'), sub);
    await helper.line('1:all:100');
    expect(await isWhole(swarm.torrent, content)).toBe(true);
    expect(await lookOutside()).toEqual(before);
  });

  it('keeps delete: from what lies where the link leads', async () => {
    swarm.offerAll();
    const helper = await startDownloader(folder, source);
    await helper.line('1:all:100');
    await fillOutside();
    const before = await lookOutside();
    await rename(sub, join(folder, 'workshop/sub'));
    await symlink(outside, sub);
    helper.write('delete:1');
    await helper.diagnostic(/: job 1 \(all\): removed$/);
    expect(await lookOutside()).toEqual(before);
  });
});

/**
 * Tells the job to go on, whatever holds it up, and gives it again if it fails, for so long or until it says 100.
 * Resolves with its last id.
 */
async function insist(helper: HelperProcess, forMs: number, lastId = 1): Promise<number> {
  const endMs = performance.now() + forMs;
  let id = lastId;
  while (performance.now() < endMs && !helper.percents(id).includes(100)) {
    if (helper.percents(id).includes(-2)) {
      helper.write(source);
      id += 1;
      await helper.line(new RegExp(`^${id}:`));
    } else helper.write(`resume:${id}`);
    await delay(10);
  }
  return id;
}

describe.skipIf(process.platform !== 'linux')(
  'a folder that is swapped for a link and back all the time',
  () => {
    it('has nothing made or written where the link leads', async () => {
      const helper = await begin();
      const swapper = await swapFolder(sub, outside, join(folder, 'workshop'));
      swarm.offerAll();
      const id = await insist(helper, swappedMs);
      await swapper.stop();
      expect(await lookOutside()).toEqual([]);
      const last = await insist(helper, patienceMs, id);
      const appeared = /: DESTINATION_EXISTS: .+ appeared where the download would write/;
      // What it made in the very moment of a swap it may not know for its own: it waits then, and says so.
      if (helper.stderr.some((line) => appeared.test(line)) && !helper.percents(last).includes(100))
        return;
      expect(helper.percents(last)).toContain(100);
      expect(await isWhole(swarm.torrent, content)).toBe(true);
    });

    it('has nothing deleted where the link leads', async () => {
      swarm.offerAll();
      await fillOutside();
      const before = await lookOutside();
      // Or the folder above would be deleted as well.
      await writeRandom(join(content, 'mine'), 1);
      const helper = await startDownloader(folder);
      for (const id of [1, 2, 3]) {
        helper.write(source);
        await helper.line(`${id}:all:100`);
        const swapper = await swapFolder(sub, outside, join(folder, `workshop/${id}`));
        helper.write(`delete:${id}`);
        await helper.diagnostic(new RegExp(`: job ${id} \\(all\\): (removed|failed: .+)$`));
        await swapper.stop();
        expect(await lookOutside()).toEqual(before);
        await rm(sub, { recursive: true, force: true });
      }
    });
  },
);
