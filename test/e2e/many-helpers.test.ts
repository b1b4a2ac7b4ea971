// Many helpers on one machine, none of which was told of the others.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { MiB } from '../support/sizes.js';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
});

async function startIn(name: string): Promise<HelperProcess> {
  const cwd = join(folder, name);
  await mkdir(cwd, { recursive: true });
  return start([], { cwd });
}

async function trackerPort(helper: HelperProcess): Promise<string | undefined> {
  const ready = /: ready: .*tracker http:\/\/127\.0\.0\.1:(\d+)\/announce/;
  return ready.exec(await helper.diagnostic(ready))?.[1];
}

function expectFullRise(percents: readonly number[]): void {
  expect(percents[0]).toBe(-1);
  expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
  expect(percents.at(-1)).toBe(100);
}

describe('two helpers', () => {
  it('download from each other at the same time', async () => {
    for (const name of ['a', 'b']) await writeRandom(join(folder, name, `${name}.bin`), 2 * MiB);
    const [a, b] = [await startIn('a'), await startIn('b')];
    a.write('file:a.bin');
    b.write('file:b.bin');
    const [ofA, ofB] = [await a.published(1), await b.published(1)];
    a.write(`torrent:${ofB.torrentFile}`);
    b.write(`torrent:${ofA.torrentFile}`);
    await a.line('2:b.bin:100');
    await b.line('2:a.bin:100');
    expect(await hashOf(join(folder, 'a/b.bin'))).toBe(await hashOf(join(folder, 'b/b.bin')));
    expect(await hashOf(join(folder, 'b/a.bin'))).toBe(await hashOf(join(folder, 'a/a.bin')));
  });

  it('may seed the same torrent', async () => {
    const path = await writeRandom(join(folder, 'shared/x.bin'), MiB);
    const helpers = [await startIn('a'), await startIn('b')];
    for (const helper of helpers) helper.write(`file:${path}`);
    const [one, other] = await Promise.all(helpers.map((helper) => helper.published(1)));
    expect(one?.infoHash).toBe(other?.infoHash);
  });
});

describe('twelve helpers', () => {
  it('take trackers of their own, and eleven download what the first one seeds', async () => {
    await writeRandom(join(folder, 'helper 0/x.bin'), 2 * MiB);
    const helpers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => startIn(`helper ${index}`)),
    );
    expect(new Set(await Promise.all(helpers.map(trackerPort))).size).toBe(12);

    const [seeder, ...leechers] = helpers;
    seeder?.write('file:x.bin');
    const publication = await seeder?.published(1);
    for (const leecher of leechers) {
      leecher.write(`torrent:${publication?.torrentFile}`);
      leecher.closeInput();
    }
    const codes = await Promise.all(leechers.map((leecher) => leecher.exit(60_000)));
    expect(codes).toEqual(leechers.map(() => 0));
    for (const leecher of leechers) expectFullRise(leecher.percents(1));
    const wanted = await hashOf(join(folder, 'helper 0/x.bin'));
    for (let index = 1; index < 12; index += 1) {
      expect(await hashOf(join(folder, `helper ${index}/x.bin`))).toBe(wanted);
    }
  }, 90_000);
});
