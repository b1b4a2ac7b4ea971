// `delete:` deletes what the job made or took over, whatever lies at its paths by now, and tells what it left.
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, readTree, writeRandom } from '../support/disks/content-files.js';
import { isWhole } from '../support/disks/relocated-content.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { downloadDirOf, startDownloader, warned } from '../support/helper/downloader.js';
import type { HelperProcess } from '../support/helper/helper-process.js';
import {
  type GrowingSwarm,
  pieceBytes,
  startGrowingSwarm,
} from '../support/peers/growing-swarm.js';

const lengthBytes = 8 * pieceBytes - 100;

let folder: string;
let copy: string;
/** Of `x.bin`, which is downloaded; `mine` is where its user keeps things. */
let path: string;
let mine: string;
let swarm: GrowingSwarm;

beforeEach(async () => {
  folder = await scratchFolder();
  copy = downloadDirOf(folder);
  path = join(copy, 'x.bin');
  mine = join(folder, 'mine');
  await mkdir(mine);
  swarm = await startGrowingSwarm(folder, { name: 'x.bin', files: [{ path: '', lengthBytes }] });
});

async function download(): Promise<HelperProcess> {
  swarm.offerAll();
  const helper = await startDownloader(folder, `torrent:${swarm.torrentFile}`);
  await helper.line('1:x.bin:100');
  return helper;
}

async function deleteJob(helper: HelperProcess): Promise<void> {
  helper.write('delete:1');
  await helper.diagnostic(/: job 1 \(.*\): removed$/);
}

const warnings = ({ stderr }: HelperProcess) =>
  stderr.filter((line) => line.includes(': warning: '));

/** Somebody's file is left as it is, which is told. */
async function expectLeft(helper: HelperProcess, file: string): Promise<void> {
  const look = async () => [await hashOf(file), (await stat(file)).mtimeMs];
  const before = await look();
  await deleteJob(helper);
  expect(await look()).toEqual(before);
  expect(warnings(helper).filter((line) => line.includes(`${file} `))).not.toEqual([]);
}

describe('delete:', () => {
  it.each([1_000, lengthBytes])(
    'leaves a file of %i bytes that was put in the place of the content',
    async (bytes) => {
      const helper = await download();
      await rename(path, join(mine, 'x.bin'));
      await writeRandom(path, bytes);
      await expectLeft(helper, path);
      expect(await isWhole(swarm.torrent, join(mine, 'x.bin'))).toBe(true);
    },
  );

  it('leaves a file that appeared before the download had written any', async () => {
    const helper = await startDownloader(folder, `torrent:${swarm.torrentFile}`);
    await helper.line('1:x.bin:0');
    await expectLeft(helper, await writeRandom(path, lengthBytes));
  });

  it('leaves a file that holds up the download', async () => {
    swarm.offer([0, 1]);
    const helper = await startDownloader(folder, `torrent:${swarm.torrentFile}`);
    await helper.line('1:x.bin:25');
    await rename(path, join(mine, 'x.bin'));
    await writeRandom(path, lengthBytes);
    swarm.offerAll();
    await warned(helper, 'DESTINATION_EXISTS');
    await expectLeft(helper, path);
  });

  it('leaves such a file in a folder that an earlier helper downloaded, and deletes all else of it', async () => {
    const files = ['a', 'sub/b', 'sub/c'].map((each) => ({ path: each, lengthBytes: 20_000 }));
    const all = await startGrowingSwarm(folder, { name: 'all', files });
    all.offerAll();
    const first = await startDownloader(folder, `torrent:${all.torrentFile}`);
    await first.line('1:all:100');
    first.write('quit:');
    expect(await first.exit()).toBe(0);

    const helper = await startDownloader(folder, `torrent:${all.torrentFile}`);
    await helper.line('1:all:100');
    const own = join(copy, 'all/sub/b');
    await rename(own, join(mine, 'b'));
    await writeRandom(own, 20_000);
    await expectLeft(helper, own);
    expect(Object.keys(await readTree(copy))).toEqual(['all/sub/b']);
  });

  it('deletes a download, what an earlier helper made of it too, and says nothing', async () => {
    swarm.offer([0, 1]);
    const first = await startDownloader(folder, `torrent:${swarm.torrentFile}`);
    await first.line('1:x.bin:25');
    first.kill('SIGKILL');
    await first.exit();
    const helper = await startDownloader(folder, `torrent:${swarm.torrentFile}`);
    await helper.line('1:x.bin:25');
    await deleteJob(helper);
    expect(await readTree(copy)).toEqual({});
    expect(warnings(helper)).toEqual([]);
  });
});
