// Torrents with symbolic links (BEP 47), through the whole life of a download: made, found again, moved, deleted, and never
// followed, whatever somebody puts in their place.
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTree, writeRandom } from '../support/disks/content-files.js';
import { linksOnDisk } from '../support/disks/links-on-disk.js';
import { isWhole } from '../support/disks/relocated-content.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import {
  downloadDirOf,
  startDownloader,
  stopDownloader,
  warned,
  warningsOf,
} from '../support/helper/downloader.js';
import type { HelperProcess } from '../support/helper/helper-process.js';
import {
  type GrowingSwarm,
  pieceBytes,
  startGrowingSwarm,
} from '../support/peers/growing-swarm.js';

const files = [
  { path: 'd/f', lengthBytes: 2 * pieceBytes },
  { path: 'd/g', lengthBytes: pieceBytes },
];
const links = { l: 'd/f', folder: 'd', 'only/here/up': 'd/g' };
const texts = { l: 'd/f', folder: 'd', 'only/here/up': '../../d/g' };

let folder: string;
let content: string;
/** Where somebody keeps what he has. */
let mine: string;
let swarm: GrowingSwarm;

beforeEach(async () => {
  folder = await scratchFolder();
  content = join(downloadDirOf(folder), 'all');
  mine = join(folder, 'mine');
  await writeRandom(join(mine, 'f'), 100);
});

async function download(...args: readonly string[]): Promise<HelperProcess> {
  swarm = await startGrowingSwarm(folder, { name: 'all', files, links });
  swarm.offerAll();
  const helper = await startDownloader(folder, ...args, `torrent:${swarm.torrentFile}`);
  await helper.line('1:all:100');
  return helper;
}

async function endJob(helper: HelperProcess, instruction: string): Promise<void> {
  helper.write(`${instruction}:1`);
  await helper.diagnostic(/: job 1 \(.*\): removed$/);
}

const warnings = ({ stderr }: HelperProcess) =>
  stderr.filter((line) => line.includes(': warning: '));

describe('a download with symbolic links', () => {
  it('has them at 100, and in its next life those again that are gone, but for one that leads elsewhere by then', async () => {
    const first = await download('--session', 'links');
    expect(await isWhole(swarm.torrent, content)).toBe(true);
    expect(await linksOnDisk(content)).toEqual(texts);
    await stopDownloader(first);
    expect(warnings(first)).toEqual([]);
    await rm(join(content, 'folder'));
    await rm(join(content, 'l'));
    await symlink(join(mine, 'f'), join(content, 'l'));
    const before = await readTree(mine);
    const helper = await startDownloader(folder, '--session', 'links');
    expect(await warned(helper, 'LINKS_SKIPPED')).toContain(`${join(content, 'l')} `);
    await helper.line('1:all:100');
    expect(await linksOnDisk(content)).toEqual({ ...texts, l: join(mine, 'f') });
    await endJob(helper, 'delete');
    expect(warnings(helper)).toHaveLength(1);
    expect(await linksOnDisk(downloadDirOf(folder))).toEqual({ 'all/l': join(mine, 'f') });
    expect(await readTree(mine)).toEqual(before);
  });

  it('leaves what lay in their places, says so once, and is complete', async () => {
    await mkdir(join(content, 'folder'), { recursive: true });
    await writeFile(join(content, 'l'), 'mine');
    await symlink(mine, join(content, 'only'));
    const helper = await download();
    expect(warningsOf(helper, 'LINKS_SKIPPED')).toEqual([
      expect.stringMatching(/\/l is not the symbolic link to d\/f .*so it is with 2 more$/),
    ]);
    expect(await linksOnDisk(content)).toEqual({ only: mine });
    expect(await readdir(mine)).toEqual(['f']);
    await endJob(helper, 'delete');
    expect(await readdir(content)).toEqual(['folder', 'l', 'only']);
  });

  it('has them moved with its files, known there by the next life, and deleted', async () => {
    const target = join(folder, 'moved');
    const args = ['--session', 'links', '--move-completed', target];
    const first = await download(...args);
    await first.diagnostic(/: job 1 \(all\): moved: /);
    first.write('quit:');
    expect(await first.exit()).toBe(0);
    expect(await isWhole(swarm.torrent, join(target, 'all'))).toBe(true);
    expect(await linksOnDisk(join(target, 'all'))).toEqual(texts);
    expect(await readdir(downloadDirOf(folder))).toEqual([]);
    const helper = await startDownloader(folder, ...args);
    await helper.line('1:all:100');
    await endJob(helper, 'delete');
    expect(await readdir(target)).toEqual([]);
    expect([...warnings(first), ...warnings(helper)]).toEqual([]);
  });
});
