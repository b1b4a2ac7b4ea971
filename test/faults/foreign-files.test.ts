// Somebody's own file where a download would write, or had written: it is never touched, and the job says how to go on.
// What holds a good piece, or nothing at all, is taken over.
import { mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  hashOf,
  readTree,
  rewriteInPlace,
  withBitFlipped,
  writeRandom,
} from '../support/disks/content-files.js';
import { isWhole } from '../support/disks/relocated-content.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import {
  downloadDirOf,
  failed,
  startDownloader,
  stopDownloader,
  warned,
} from '../support/helper/downloader.js';
import {
  type GrowingSwarm,
  pieceBytes,
  startGrowingSwarm,
} from '../support/peers/growing-swarm.js';

const lengthBytes = 8 * pieceBytes - 100;

let folder: string;
/** Of `x.bin`, which is downloaded; `mine` is where its user keeps things. */
let path: string;
let mine: string;
let swarm: GrowingSwarm;
let source: string;

beforeEach(async () => {
  folder = await scratchFolder();
  path = join(downloadDirOf(folder), 'x.bin');
  mine = join(folder, 'mine');
  await mkdir(mine);
  await mkdir(dirname(path));
  swarm = await startGrowingSwarm(folder, { name: 'x.bin', files: [{ path: '', lengthBytes }] });
  source = `torrent:${swarm.torrentFile}`;
});

const keepsakeOf = async (file: string) => [await hashOf(file), (await stat(file)).mtimeMs];

async function download() {
  swarm.offerAll();
  const helper = await startDownloader(folder, source);
  await helper.line('1:x.bin:100');
  return helper;
}

describe('a download that has waited for its first peer', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a short file', () => writeRandom(path, 1_000)],
    ['a file of that size', () => writeRandom(path, lengthBytes)],
    ['a larger file', () => writeRandom(path, 2 * lengthBytes)],
    [
      'a link to a file',
      async () => symlink(await writeRandom(join(mine, 'letter'), lengthBytes), path),
    ],
    ['a folder', () => writeRandom(join(path, 'letter'), 1_000)],
  ])(
    'leaves %s alone that appeared at its path, and goes on when it is moved away',
    async (_, put) => {
      const helper = await startDownloader(folder, source);
      await helper.line('1:x.bin:0');
      await put();
      const before = await readTree(path);
      swarm.offerAll();
      await warned(helper, 'DESTINATION_EXISTS');
      expect(await readTree(path)).toEqual(before);
      expect(helper.percents(1)).toEqual([-1, 0]);
      await rename(path, join(mine, 'x.bin'));
      await helper.line('1:x.bin:100');
      expect(await isWhole(swarm.torrent, path)).toBe(true);
      expect(await readTree(join(mine, 'x.bin'))).toEqual(before);
      helper.write('quit:');
      expect(await helper.exit()).toBe(0);
    },
  );
});

const withOneOtherByte = (bytes: Buffer) => withBitFlipped(bytes, 50_000);

describe('a torrent that is given again after it was downloaded and removed', () => {
  it.each<[string, () => Promise<unknown>]>([
    [
      'a file of theirs lies at its path',
      async () => {
        await rename(path, join(mine, 'the content'));
        await writeRandom(path, lengthBytes);
      },
    ],
    ['it was rewritten', () => rewriteInPlace(path, () => Buffer.alloc(lengthBytes, 'mine'))],
    ['a byte of it was changed', () => rewriteInPlace(path, withOneOtherByte)],
    ['it was cut', () => rewriteInPlace(path, (bytes) => bytes.subarray(0, 3 * pieceBytes))],
    [
      'a changed copy lies at its path',
      async () => {
        const bytes = withOneOtherByte(await readFile(path));
        await rename(path, join(mine, 'the content'));
        await writeFile(path, bytes);
      },
    ],
  ])('writes nothing where %s, and says how to go on', async (_, change) => {
    const helper = await download();
    helper.write('remove:1');
    await helper.diagnostic(/: job 1 \(x\.bin\): removed$/);
    await change();
    const before = await keepsakeOf(path);
    helper.write(source);
    const line = await failed(helper, 'DESTINATION_EXISTS', 2);
    expect(line).toMatch(/\/x\.bin .*move it away/);
    expect(await keepsakeOf(path)).toEqual(before);
    await rename(path, join(mine, 'x.bin'));
    helper.write(source);
    await helper.line('3:x.bin:100');
    expect(await isWhole(swarm.torrent, path)).toBe(true);
    expect(await keepsakeOf(join(mine, 'x.bin'))).toEqual(before);
  });

  it('takes up a copy that was put back from elsewhere', async () => {
    const helper = await download();
    helper.write('remove:1');
    await helper.diagnostic(/: job 1 \(x\.bin\): removed$/);
    const bytes = await readFile(path);
    await rename(path, join(mine, 'x.bin'));
    await writeFile(path, bytes);
    const before = await keepsakeOf(path);
    helper.write(source);
    await helper.line('2:x.bin:100');
    expect(helper.percents(2)).toEqual([-1, 100]);
    expect(await keepsakeOf(path)).toEqual(before);
  });
});

describe('a session', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'waits while a file of theirs is where its unfinished download was (%s), and goes on',
    async (signal) => {
      swarm.offer([0, 1]);
      const first = await startDownloader(folder, '--session', 'waits', source);
      await first.line('1:x.bin:25');
      await stopDownloader(first, signal);
      await rename(path, join(mine, 'a part'));
      const before = await keepsakeOf(await writeRandom(path, lengthBytes));

      swarm.offerAll();
      const helper = await startDownloader(folder, '--session', 'waits');
      expect(await warned(helper, 'DESTINATION_EXISTS')).toContain(`${path} `);
      expect(await keepsakeOf(path)).toEqual(before);
      await rename(path, join(mine, 'x.bin'));
      await helper.line('1:x.bin:100');
      expect(await isWhole(swarm.torrent, path)).toBe(true);
      expect(await keepsakeOf(join(mine, 'x.bin'))).toEqual(before);
    },
  );
});

describe('a download takes over', () => {
  it.each<[string, () => Uint8Array, found: number]>([
    ['an empty file', () => new Uint8Array(), 0],
    [
      'a file with one good piece',
      () => {
        const bytes = Buffer.alloc(lengthBytes, 'x');
        bytes.set(swarm.torrent.piece(3), 3 * pieceBytes);
        return bytes;
      },
      12,
    ],
  ])('%s that lies at its path', async (_, bytes, found) => {
    await writeFile(path, bytes());
    const { ino } = await stat(path);
    const helper = await startDownloader(folder, source);
    await helper.line(`1:x.bin:${found}`);
    swarm.offerAll();
    await helper.line('1:x.bin:100');
    expect(await isWhole(swarm.torrent, path)).toBe(true);
    expect((await stat(path)).ino).toBe(ino);
  });
});
