// A download with a good seed and one that means harm: it completes, with the right bytes.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseMetainfo } from '../../src/metainfo/parse/parse-metainfo.js';
import {
  type PeerWays,
  pieceMessage,
  startPeer,
  startTrackerOf,
} from '../support/handmade-peer.js';
import { infoOf, torrentOf } from '../support/handmade-torrent.js';
import { start } from '../support/helper-process.js';
import { freePort, MiB, scratchFolder } from '../support/scratch.js';

type Answer = PeerWays['answer'];

/** Slow enough that the other one is asked, too. */
const goodBytesPerSecond = MiB;

const rubbish: Answer = (socket) => void socket.write(randomBytes(50_000));

const badPieces: Answer = (socket, request) =>
  void socket.write(pieceMessage(request, randomBytes(request.lengthBytes)));

/** A byte a second of what is asked for first; it would take hours. */
const dripping: Answer = (socket, request) => {
  if (socket.listenerCount('drip') > 0) return;
  socket.once('drip', () => {});
  const bytes = pieceMessage(request, Buffer.alloc(request.lengthBytes));
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
    const places = ['--download-dir', name, '--state-dir', `${name}-state`];
    const port = ['--tracker-port', `${await freePort()}`];
    return start(['--no-dht', ...places, ...port, ...args, 'torrent:x.torrent'], { cwd: folder });
  };
  const good = await startHelper('source', ['--up', `${goodBytesPerSecond}`]);
  await good.line('1:x.bin:100');
  const ready = await good.diagnostic(/: ready: peer port \d+/);
  const bad = await startPeer({ infoHash, pieceCount, answer });
  ports.push(bad.port, Number(/peer port (\d+)/.exec(ready)?.[1]));

  const helper = await startHelper('copy');
  await helper.line('1:x.bin:100');
  expect(content.equals(await readFile(join(folder, 'copy/x.bin')))).toBe(true);
  expect(bad.requests.length).toBeGreaterThan(0);
  const percents = helper.percents(1);
  expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
  expect(helper.stderr.filter((line) => /failed|ENGINE_CRASH|INTERNAL/.test(line))).toEqual([]);
  helper.write('quit:');
  expect(await helper.exit()).toBe(0);
});
