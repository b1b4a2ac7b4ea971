// A torrent whose piece is longer than any memory that is meant for it: published, downloaded, killed in the middle, begun
// again and checked, by helpers that never hold it.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { peakBytes } from '../support/helper/process-figures.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { bencode } from '../support/torrents/bencode.mjs';
import { until } from '../support/waiting.js';

const pieceBytes = 256 * MiB;
const lastPieceBytes = 70_000;
/** A helper at rest has some 70 MiB: far from that and the piece together. */
const mostBytes = 200 * MiB;

/** No two stretches of it are alike. Gives back the hashes of its two pieces. */
async function writeContent(path: string): Promise<Buffer> {
  const part = randomBytes(MiB);
  const file = await open(path, 'w');
  const hash = createHash('sha1');
  for (let nth = 0; nth < pieceBytes / MiB; nth++) {
    part.writeUInt32BE(nth, 0);
    hash.update(part);
    await file.write(part);
  }
  const last = part.subarray(0, lastPieceBytes);
  await file.write(last);
  await file.close();
  return Buffer.concat([hash.digest(), createHash('sha1').update(last).digest()]);
}

test('a piece of 256 MiB takes no memory of its size to publish, download, serve or check, and nobody takes a half for it', async () => {
  const folder = await scratchFolder();
  const [source, copy] = [join(folder, 'source'), join(folder, 'copy')];
  await mkdir(source);
  const pieces = await writeContent(join(source, 'x.bin'));
  const length = pieceBytes + lastPieceBytes;
  const info = { length, name: 'x.bin', 'piece length': pieceBytes, pieces, private: 1 };
  await writeFile(join(source, 'x.bin.torrent'), bencode({ info }));

  const helper = async (name: string, ...args: readonly string[]): Promise<HelperProcess> => {
    const own = ['--state-dir', join(folder, name), '--tracker-port', `${await freePort()}`];
    return start(['--no-dht', ...own, ...args], { cwd: source });
  };
  const seeder = await helper('seeder', 'file:x.bin');
  const { infoHash, torrentFile } = await seeder.published(1);
  expect(infoHash).toBe(createHash('sha1').update(bencode(info)).digest('hex'));

  const download = ['--download-dir', copy, `torrent:${torrentFile}`];
  const killed = await helper('leecher', '--down', '64M', ...download);
  await until(async () => {
    const { blocks } = await stat(join(copy, 'x.bin')).catch(() => ({ blocks: 0 }));
    return blocks * 512 > 32 * MiB;
  }, 'in the middle of the piece');
  killed.kill('SIGKILL');
  await killed.exit();
  expect(killed.percents(1)).toEqual([-1, 0]);

  const leecher = await helper('leecher', ...download);
  await leecher.line('1:x.bin:100');
  expect(leecher.percents(1)).toEqual([-1, 0, 100]);
  await promisify(execFile)('cmp', [join(source, 'x.bin'), join(copy, 'x.bin')]);
  const peaks = [await peakBytes(seeder), await peakBytes(leecher)];
  leecher.kill('SIGTERM');
  await leecher.exit();

  // Nothing is remembered of it: all of it is read.
  await rm(join(folder, 'leecher'), { recursive: true });
  const checking = await helper('leecher', ...download);
  await checking.line('1:x.bin:100');
  expect(checking.percents(1)).toEqual([-1, 100]);
  for (const peak of [...peaks, await peakBytes(checking)]) expect(peak).toBeLessThan(mostBytes);
});
