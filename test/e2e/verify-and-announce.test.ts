// A parent has content read again, and trackers asked, by lines: what it hears on stderr, while stdout says nothing twice.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  hashOf,
  rewriteInPlace,
  withBitFlipped,
  writeRandom,
} from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

it('reads a published file and a download again, mends the download, and asks the tracker', async () => {
  const folder = await scratchFolder();
  const source = await writeRandom(join(folder, 'source/x.bin'), 2 * MiB);
  const startIn = async (name: string) => {
    const cwd = join(folder, name);
    await mkdir(cwd, { recursive: true });
    return start(['--no-dht', '--tracker-port', `${await freePort()}`], { cwd });
  };
  const seeder = await startIn('source');
  seeder.write('file:x.bin');
  const { torrentFile } = await seeder.published(1);
  seeder.write('announce:1', 'verify:1');
  await seeder.diagnostic(/job 1 \(x\.bin\): announced: a tracker has accepted it$/);
  await seeder.diagnostic(/job 1 \(x\.bin\): verified: all of it is there$/);

  const leecher = await startIn('copy');
  leecher.write(`torrent:${torrentFile}`);
  await leecher.line('1:x.bin:100');
  const before = [...leecher.stdout];
  const copy = join(folder, 'copy/x.bin');
  await rewriteInPlace(copy, (bytes) => withBitFlipped(bytes, MiB));
  leecher.write('verify:1');
  await leecher.diagnostic(/job 1 \(x\.bin\): verified: \d+ bytes are missing, and are fetched$/);
  await leecher.diagnostic(/job 1 \(x\.bin\): verified: all of it is there$/);
  expect(await hashOf(copy)).toBe(await hashOf(source));
  leecher.write('verify:7', 'verify:1 ', 'announce:');
  await leecher.diagnostic(/refused: JOB_UNKNOWN: verify:7: /);
  await leecher.diagnostic('bittorrent-helper: Message not understood: announce:');
  expect(leecher.stderr).toContain('bittorrent-helper: Message not understood: verify:1 ');
  expect(leecher.stdout).toEqual(before);
  for (const helper of [leecher, seeder]) {
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
  }
});
