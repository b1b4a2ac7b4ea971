// Torrents as people have them, from end to end: names that no disk takes, flaws behind the dictionary, padding without a
// path. What lies there under the mended names is adopted, downloaded, brought back by a session, and deleted.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { readTree } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import {
  downloadDirOf,
  startDownloader,
  stopDownloader,
  warningsOf,
} from '../support/helper/downloader.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { createRandom } from '../support/random.js';
import { type Bencodable, bencode } from '../support/torrents/bencode.mjs';
import { infoOf } from '../support/torrents/handmade-torrent.js';

const sjis = Buffer.from('83658358835e', 'hex');
const lengthBytes = 20_000;
const paddingBytes = 1_000;

/** Its names as they stand in the torrent, and the path they are to have. */
const files: readonly (readonly [names: readonly Bencodable[], path: string])[] = [
  [['a/b', '..', ''], 'a_b/__/_'],
  [['twice.bin'], 'twice.bin'],
  [['twice.bin'], 'twice (2).bin'],
  [['folder'], 'folder (2)'],
  [['folder', 'plain'], 'folder/plain'],
  [[sjis], 'テスタ'],
];

const root = '_.._x';
const hashed = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
let folder: string;
let seeder: HelperProcess;
let torrent: string;
let content: Uint8Array;

const contentOf = (index: number) =>
  content.subarray(index * lengthBytes, (index + 1) * lengthBytes);

const expected = () =>
  Object.fromEntries([
    ...files.map(([, path], index) => [join(root, path), hashed(contentOf(index))]),
    [join(root, 'link'), hashed(contentOf(1))],
  ]);

beforeEach(async () => {
  folder = await scratchFolder();
  const port = await freePort();
  content = new Uint8Array(files.length * lengthBytes + paddingBytes);
  content.set(createRandom('flawed').bytes(files.length * lengthBytes));
  const { length: _, ...info } = infoOf('/../x', content);
  const metainfo = bencode({
    announce: `http://127.0.0.1:${port}/announce`,
    encoding: 'Shift_JIS',
    info: {
      ...info,
      files: [
        ...files.map(([path]) => ({ path, length: lengthBytes })),
        { attr: 'l', path: ['link'], 'symlink path': ['twice.bin'] },
        { attr: 'p', length: paddingBytes },
      ],
    },
  });
  torrent = join(folder, 'flawed.torrent');
  await writeFile(torrent, Buffer.concat([metainfo, Buffer.from('\n<!-- made by hand -->')]));

  const source = join(folder, 'source');
  for (const [index, [, path]] of files.entries()) {
    await mkdir(dirname(join(source, root, path)), { recursive: true });
    await writeFile(join(source, root, path), contentOf(index));
  }
  seeder = start(['--no-dht', '--tracker-port', `${port}`], { cwd: source });
  seeder.write(`torrent:${torrent}`);
  await seeder.line(`1:${root}:100`);
});

it('is adopted, downloaded, brought back, moved and deleted under its mended names, with one warning of each kind', async () => {
  expect(seeder.percents(1)).toEqual([-1, 100]);
  expect(await readTree(join(folder, 'source'))).toEqual(expected());

  const first = await startDownloader(folder, '--session', 's');
  first.write(`torrent:${torrent}`);
  await first.line(`1:${root}:100`);
  expect(await readTree(downloadDirOf(folder))).toEqual(expected());
  expect(warningsOf(first, 'METAINFO_FLAWED')).toEqual([expect.stringContaining('trailing bytes')]);
  expect(warningsOf(first, 'NAMES_MENDED')).toEqual([
    expect.stringMatching(/5 names .*'\/\.\.\/x', here '_\.\._x'; .* read as shift_jis$/),
  ]);
  await stopDownloader(first);

  const second = await startDownloader(folder, '--session', 's');
  await second.line(`1:${root}:100`);
  expect(second.percents(1)).toEqual([-1, 100]);
  const elsewhere = join(folder, 'elsewhere');
  second.write(`move:1:${elsewhere}`);
  await second.diagnostic(/: job 1 \(.*\): moved: /);
  expect(await readTree(join(elsewhere, root))).toEqual(
    await readTree(join(folder, 'source', root)),
  );
  await stopDownloader(second);

  const third = await startDownloader(folder, '--session', 's');
  await third.line(`1:${root}:100`);
  const other = join(root, 'twice (3).bin');
  await writeFile(join(elsewhere, other), 'not of the torrent');
  third.write('delete:1');
  await third.diagnostic(/: job 1 \(.*\): removed$/);
  expect(Object.keys(await readTree(elsewhere))).toEqual([other]);
  expect([...second.stderr, ...third.stderr].filter((line) => line.includes('warning'))).toEqual(
    [],
  );
});
