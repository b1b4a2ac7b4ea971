// A download with a good seed and one that means harm: it completes, with the right bytes.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseMetainfo } from '../../src/metainfo/parse/parse-metainfo.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { type SeederOptions, startHostileSeeder } from '../support/peers/hostile-seeder.js';
import { blockOf } from '../support/peers/wire-messages.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { startTrackerOf } from '../support/trackers/story-trackers.js';

type Answer = SeederOptions['onRequest'];

/** Slow enough that the other one is asked, too. */
const goodBytesPerSecond = MiB;

const rubbish: Answer = (socket) => void socket.write(randomBytes(50_000));

const badPieces: Answer = (socket, request) =>
  void socket.write(blockOf(request, randomBytes(request.lengthBytes)));

/** A byte a second of what is asked for first; it would take hours. */
const dripping: Answer = (socket, request) => {
  if (socket.listenerCount('drip') > 0) return;
  socket.once('drip', () => {});
  const bytes = blockOf(request, Buffer.alloc(request.lengthBytes));
  let sent = 0;
  const drip = setInterval(() => {
    if (!socket.destroyed) socket.write(bytes.subarray(sent, sent + 1));
    sent += 1;
  }, 1000);
  const stop = () => clearInterval(drip);
  socket.once('close', stop);
  onTestFinished(stop);
};

const silent: Answer = () => {};

it.each<[string, Answer]>([
  ['rubbish', rubbish],
  ['bad pieces', badPieces],
  ['one byte a second', dripping],
  ['nothing', silent],
])('a download completes though a peer sends %s', async (_, answer) => {
  const folder = await scratchFolder();
  const content = randomBytes(MiB);
  await mkdir(join(folder, 'source'));
  await writeFile(join(folder, 'source/x.bin'), content);
  const ports: number[] = [];
  const announce = await startTrackerOf(() => ports);
  const torrent = torrentOf(infoOf('x.bin', content), announce);
  await writeFile(join(folder, 'x.torrent'), torrent);
  const { infoHash, pieceCount } = parseMetainfo(torrent, 'x.torrent');

  const startHelper = async (name: string, args: readonly string[] = []) => {
    const dirs = ['--download-dir', name, '--state-dir', `${name}-state`];
    const port = ['--tracker-port', `${await freePort()}`];
    return start(['--no-dht', ...dirs, ...port, ...args, 'torrent:x.torrent'], { cwd: folder });
  };
  const good = await startHelper('source', ['--up', `${goodBytesPerSecond}`]);
  await good.line('1:x.bin:100');
  const bad = await startHostileSeeder({ infoHash, pieceCount, onRequest: answer });
  ports.push(bad.port, await good.peerPort());

  const helper = await startHelper('copy');
  await helper.line('1:x.bin:100');
  expect(content.equals(await readFile(join(folder, 'copy/x.bin')))).toBe(true);
  expect(bad.asked.length).toBeGreaterThan(0);
  const percents = helper.percents(1);
  expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
  expect(helper.stderr.filter((line) => /failed|ENGINE_CRASH|INTERNAL/.test(line))).toEqual([]);
  helper.write('quit:');
  expect(await helper.exit()).toBe(0);
});
