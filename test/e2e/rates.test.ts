// Limits, and life without a tracker.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await writeRandom(join(folder, 'a.bin'), 2 * MiB);
  await mkdir(join(folder, 'copy'));
});

const copyIsGood = async () =>
  expect(await hashOf(join(folder, 'copy/a.bin'))).toBe(await hashOf(join(folder, 'a.bin')));

describe('a transfer', () => {
  it('is not held up by the limit of the other direction', async () => {
    const seeder = start(['--down', '20K', '--tracker-port', `${await freePort()}`], {
      cwd: folder,
    });
    seeder.write('file:a.bin');
    const { torrentFile } = await seeder.published(1);
    const leecher = start(['--up', '20K', '--no-dht', `torrent:${torrentFile}`], {
      cwd: join(folder, 'copy'),
      stdin: 'ignore',
    });
    expect(await leecher.exit()).toBe(0);
    await copyIsGood();
  });

  it('goes through with limits in both directions', async () => {
    const seeder = start(['--up', '4M', '--tracker-port', `${await freePort()}`], { cwd: folder });
    seeder.write('file:a.bin');
    const { torrentFile } = await seeder.published(1);
    const leecher = start(['--down', '3.5M', '--no-dht', `torrent:${torrentFile}`], {
      cwd: join(folder, 'copy'),
      stdin: 'ignore',
    });
    expect(await leecher.exit()).toBe(0);
    await copyIsGood();
  });

  it('goes through without any tracker, by a peer that the magnet link names', async () => {
    const port = await freePort();
    const seeder = start(
      ['--public', '--no-tracker', '--no-dht', '--port', `${port}`, 'file:a.bin'],
      {
        cwd: folder,
      },
    );
    const { magnet } = await seeder.published(1);
    expect(magnet).not.toContain('tr=');
    await seeder.line('1:a.bin:100');
    expect(seeder.stdout).toEqual(['1:a.bin:-1', '1:a.bin:100']);
    const torrent = await readFile(join(folder, 'a.bin.torrent'), 'latin1');
    expect(torrent).not.toMatch(/8:announce|7:private/);

    const leecher = start(['--no-dht', `${magnet}&x.pe=127.0.0.1:${port}`], {
      cwd: join(folder, 'copy'),
      stdin: 'ignore',
    });
    expect(await leecher.exit()).toBe(0);
    await copyIsGood();
  });
});
