// Helpers among peers that lie, stall, and send rubbish: what is honest gets through, and nobody dies of it.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import {
  type HostileSeeder,
  type SeederOptions,
  startHostileSeeder,
} from '../support/peers/hostile-seeder.js';
import { blockOf, handshake } from '../support/peers/wire-messages.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { percentEncoded } from '../support/trackers/tracker-requests.js';

let folder: string;
let announceUrl: string;

beforeEach(async () => {
  folder = await scratchFolder();
  const tracker = start(['tracker', '--port', `${await freePort()}`], { cwd: folder });
  announceUrl = await tracker.line(/^http:/);
});

async function startIn(name: string): Promise<HelperProcess> {
  const cwd = join(folder, name);
  await mkdir(cwd, { recursive: true });
  return start(['--tracker', announceUrl], { cwd });
}

/** A peer in the tracker's books that says it has everything and then does as `onRequest` says with each request. */
async function announceLiar(options: SeederOptions): Promise<HostileSeeder> {
  const seeder = await startHostileSeeder(options);
  const { port } = seeder;
  const hash = percentEncoded(options.infoHash);
  const query = `info_hash=${hash}&peer_id=-XX0001-${`${port}`.padStart(12, '0')}&port=${port}&left=0`;
  expect((await fetch(`${announceUrl}?${query}&event=started`)).status).toBe(200);
  return seeder;
}

const sendRubbish: SeederOptions['onRequest'] = (socket, request) =>
  void socket.write(blockOf(request, randomBytes(request.lengthBytes)));

it('a download completes though some peers send rubbish, one byte a second, or nothing', async () => {
  await writeRandom(join(folder, 'seed/x.bin'), 8 * MiB);
  const seed = await startIn('seed');
  seed.write('file:x.bin');
  const { torrentFile, infoHash } = await seed.published(1);
  const torrent = (await readFile(torrentFile)).toString('latin1');
  const pieceCount = Number(/6:pieces(\d+):/.exec(torrent)?.[1]) / 20;
  expect(pieceCount).toBeGreaterThan(1);
  const liar = (onRequest: SeederOptions['onRequest']) =>
    announceLiar({ infoHash, pieceCount, onRequest });

  const timers: NodeJS.Timeout[] = [];
  onTestFinished(() => {
    for (const timer of timers) clearInterval(timer);
  });
  const liars = [
    await liar(sendRubbish),
    await liar(sendRubbish),
    await liar((socket) => {
      timers.push(setInterval(() => socket.write(Buffer.alloc(1)), 1_000));
    }),
    await liar(() => {}),
    await liar((socket) => void socket.write(randomBytes(100_000))),
  ];
  const leecher = await startIn('leecher');
  leecher.write(`torrent:${torrentFile}`);
  await leecher.line('1:x.bin:100');
  expect(await hashOf(join(folder, 'leecher/x.bin'))).toBe(
    await hashOf(join(folder, 'seed/x.bin')),
  );
  for (const { sockets } of liars) expect(sockets.length).toBeLessThanOrEqual(2);
  leecher.closeInput();
  expect(await leecher.exit()).toBe(0);
});

it('a seed under a hail of garbage serves on, and leaves in good order', async () => {
  await writeRandom(join(folder, 'seed/x.bin'), MiB);
  const seed = await startIn('seed');
  seed.write('file:x.bin');
  const { torrentFile, infoHash } = await seed.published(1);
  const port = await seed.peerPort();
  const hail = [
    Buffer.alloc(96),
    Buffer.alloc(96, 0xff),
    randomBytes(5_000),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.concat([handshake(infoHash), Buffer.from('7fffffff', 'hex')]),
    Buffer.concat([handshake(infoHash), randomBytes(5_000)]),
    Buffer.concat([handshake(infoHash), Buffer.from('00000005', 'hex'), Buffer.alloc(5, 4)]),
    Buffer.alloc(0),
  ];
  const sockets = Array.from({ length: 200 }, (_, index) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.write(hail[index % hail.length] ?? '');
    return socket;
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  const leecher = await startIn('leecher');
  leecher.write(`torrent:${torrentFile}`);
  await leecher.line('1:x.bin:100');
  expect(sockets.some(({ bytesRead }) => bytesRead > 68)).toBe(true);
  for (const helper of [seed, leecher]) {
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
  }
});
