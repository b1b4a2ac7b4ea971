// The same file published again and again: the same .torrent, and never a second one beside it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

let folder: string;
let port: number;

beforeEach(async () => {
  folder = await scratchFolder();
  port = await freePort();
  await writeRandom(join(folder, 'x.bin'), MiB);
});

function startHere(trackerPort = port): HelperProcess {
  return start(['--tracker-port', `${trackerPort}`], { cwd: folder });
}

const torrentNames = async () =>
  (await readdir(folder)).filter((name) => name.endsWith('.torrent')).sort();

describe('a file published ten times', () => {
  it('by ten helpers, one after the other, has one and the same .torrent', async () => {
    const torrents = new Set<string>();
    for (let time = 0; time < 10; time += 1) {
      const helper = startHere();
      helper.write('file:x.bin');
      const { torrentFile } = await helper.published(1);
      torrents.add(await readFile(torrentFile, 'latin1'));
      helper.write('quit:');
      expect(await helper.exit()).toBe(0);
      expect(helper.stdout).toEqual(['1:x.bin:-1', '1:x.bin:100']);
    }
    expect(torrents.size).toBe(1);
    expect(await torrentNames()).toEqual(['x.bin.torrent']);
  });

  it('in one helper’s life, removed in between, has one and the same .torrent', async () => {
    const helper = startHere();
    const torrents = new Set<string>();
    for (let id = 1; id <= 10; id += 1) {
      helper.write('file:x.bin');
      const { torrentFile } = await helper.published(id);
      torrents.add(await readFile(torrentFile, 'latin1'));
      await helper.line(`${id}:x.bin:100`);
      expect(helper.percents(id)).toEqual([-1, 100]);
      helper.write(`remove:${id}`);
    }
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
    expect(torrents.size).toBe(1);
    expect(await torrentNames()).toEqual(['x.bin.torrent']);
  });
});

describe('a file published again', () => {
  it('with other announce URLs has them written into its .torrent', async () => {
    const ports = [port, await freePort()];
    const infoHashes = new Set<string>();
    for (const trackerPort of ports) {
      const helper = startHere(trackerPort);
      helper.write('file:x.bin');
      const { torrentFile, infoHash } = await helper.published(1);
      infoHashes.add(infoHash);
      const torrent = await readFile(torrentFile, 'latin1');
      expect(torrent).toContain(`http://127.0.0.1:${trackerPort}/announce`);
      helper.write('quit:');
      await helper.exit();
    }
    expect(infoHashes.size).toBe(1);
    expect(await torrentNames()).toEqual(['x.bin.torrent']);
  });

  it('with other content has a second .torrent, and does not touch the first one', async () => {
    const helper = startHere();
    helper.write('file:x.bin');
    const first = await helper.published(1);
    const before = await readFile(first.torrentFile);
    helper.write('remove:1');
    await writeRandom(join(folder, 'x.bin'), MiB);
    helper.write('file:x.bin');
    const second = await helper.published(2);
    expect(second.torrentFile).toBe(join(folder, 'x.bin (2).torrent'));
    expect(second.infoHash).not.toBe(first.infoHash);
    expect(await readFile(first.torrentFile)).toEqual(before);
    expect(await torrentNames()).toEqual(['x.bin (2).torrent', 'x.bin.torrent']);
  });
});

describe('a file given twice to one helper', () => {
  it('fails the second time, names the job that has it, and does not touch that one', async () => {
    const helper = startHere();
    helper.write('file:x.bin');
    await helper.line('1:x.bin:100');
    helper.write('file:./x.bin');
    await helper.line('2:./x.bin:-2');
    await helper.diagnostic(/: job 2 \(\.\/x\.bin\): failed: DUPLICATE: .*\bjob 1\b/);
    helper.write('list:');
    await helper.line('1:x.bin:100', 3);
    helper.write('quit:');
    expect(await helper.exit()).toBe(3);
    expect(await torrentNames()).toEqual(['x.bin.torrent']);
  });

  it('fails the second time, even if both are given at once', async () => {
    const helper = startHere();
    helper.write('file:x.bin', 'file:x.bin');
    await helper.line('2:x.bin:-2');
    await helper.diagnostic(/: job 2 \(x\.bin\): failed: DUPLICATE: .*\bjob 1\b/);
    await helper.line('1:x.bin:100');
  });

  it('fails while the first is paused, too, which can then go on', async () => {
    const helper = startHere();
    helper.write('file:x.bin');
    await helper.line('1:x.bin:100');
    helper.write('pause:1', 'file:./x.bin');
    await helper.diagnostic(/: job 2 \(\.\/x\.bin\): failed: DUPLICATE: .*\bjob 1\b/);
    helper.write('resume:1', 'remove:1');
    await helper.diagnostic(/: job 1 \(x\.bin\): removed/);
    helper.write('file:x.bin');
    await helper.line('3:x.bin:100');
  });

  it('fails as a download, too', async () => {
    const helper = startHere();
    helper.write('file:x.bin');
    const { torrentFile } = await helper.published(1);
    helper.write(`torrent:${torrentFile}`);
    await helper.line('2:x.bin:-2');
    await helper.diagnostic(/: job 2 \(x\.bin\): failed: DUPLICATE: .*\bjob 1\b/);
    helper.write('quit:');
    expect(await helper.exit()).toBe(3);
  });
});
