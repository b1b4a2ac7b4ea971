// Helpers among peers that lie, stall, and send rubbish: what is honest gets through, and nobody dies of it.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { hearMessages } from '../support/hear-messages.js';
import { type HelperProcess, start } from '../support/helper-process.js';
import { freePort, hashOf, MiB, scratchFolder, writeRandom } from '../support/scratch.js';

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

async function peerPortOf(helper: HelperProcess): Promise<number> {
  const line = await helper.diagnostic(/: ready: /);
  return Number(/:(\d+)/.exec(line.slice(line.indexOf('ready')))?.[1]);
}

function handshake(infoHash: string): Buffer {
  const start = Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\0\0\0', 'latin1');
  return Buffer.concat([start, Buffer.from(infoHash, 'hex'), randomBytes(20)]);
}

/** A peer in the tracker's books that says it has everything and then does as `answer` says with each request. */
async function announceLiar(
  { infoHash, pieces }: { readonly infoHash: string; readonly pieces: number },
  answer: (socket: Socket, request: Buffer) => void,
): Promise<{ connections: number }> {
  const seen = { connections: 0 };
  const server = createServer((socket) => {
    seen.connections += 1;
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    socket.write(handshake(infoHash));
    hearMessages(socket, {
      onHandshake() {
        const bitfield = Buffer.alloc(Math.ceil(pieces / 8), 0xff);
        if (pieces % 8 > 0)
          bitfield.writeUInt8((0xff << (8 - (pieces % 8))) & 0xff, bitfield.length - 1);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(1 + bitfield.length);
        // The bitfield, and an unchoke.
        socket.write(Buffer.concat([length, Buffer.of(5), bitfield, Buffer.of(0, 0, 0, 1, 1)]));
      },
      onMessage(message) {
        if (message.length === 13 && message.readUInt8(0) === 6) answer(socket, message);
      },
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const hash = infoHash.replace(/../g, '%$&');
  const query = `info_hash=${hash}&peer_id=-XX0001-${`${port}`.padStart(12, '0')}&port=${port}&left=0`;
  expect((await fetch(`${announceUrl}?${query}&event=started`)).status).toBe(200);
  return seen;
}

function sendRubbish(socket: Socket, request: Buffer): void {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(9 + request.readUInt32BE(9), 0);
  header.writeUInt8(7, 4);
  request.copy(header, 5, 1, 9);
  socket.write(Buffer.concat([header, randomBytes(request.readUInt32BE(9))]));
}

it('a download completes though some peers send rubbish, one byte a second, or nothing', async () => {
  await writeRandom(join(folder, 'seed/x.bin'), 8 * MiB);
  const seed = await startIn('seed');
  seed.write('file:x.bin');
  const { torrentFile, infoHash } = await seed.published(1);
  const torrent = (await readFile(torrentFile)).toString('latin1');
  const pieces = Number(/6:pieces(\d+):/.exec(torrent)?.[1]) / 20;
  expect(pieces).toBeGreaterThan(1);

  const timers: NodeJS.Timeout[] = [];
  onTestFinished(() => {
    for (const timer of timers) clearInterval(timer);
  });
  const liars = [
    await announceLiar({ infoHash, pieces }, sendRubbish),
    await announceLiar({ infoHash, pieces }, sendRubbish),
    await announceLiar({ infoHash, pieces }, (socket) => {
      timers.push(setInterval(() => socket.write(Buffer.alloc(1)), 1_000));
    }),
    await announceLiar({ infoHash, pieces }, () => {}),
    await announceLiar({ infoHash, pieces }, (socket) => void socket.write(randomBytes(100_000))),
  ];
  const leecher = await startIn('leecher');
  leecher.write(`torrent:${torrentFile}`);
  await leecher.line('1:x.bin:100');
  expect(await hashOf(join(folder, 'leecher/x.bin'))).toBe(
    await hashOf(join(folder, 'seed/x.bin')),
  );
  for (const { connections } of liars) expect(connections).toBeLessThanOrEqual(2);
  leecher.closeInput();
  expect(await leecher.exit()).toBe(0);
});

it('a seed under a hail of garbage serves on, and leaves in good order', async () => {
  await writeRandom(join(folder, 'seed/x.bin'), MiB);
  const seed = await startIn('seed');
  seed.write('file:x.bin');
  const { torrentFile, infoHash } = await seed.published(1);
  const port = await peerPortOf(seed);
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
