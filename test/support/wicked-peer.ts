// Peers that behave as a test says, spoken by hand: they listen, or dial, and do with each request what they like.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Engine } from '../../src/engine/engine.js';
import { atTheEnd } from './engine-setup.js';
import { hearMessages } from './hear-messages.js';
import type { Sample } from './sample-torrent.js';

export interface Asked {
  readonly index: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** What is sent in answer to a request; nothing if undefined. */
export type Conduct = (asked: Asked, good: Buffer) => Uint8Array | undefined;

export function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

export function message(id: number, payload: Uint8Array | string = ''): Buffer {
  const body = Buffer.concat([Buffer.from([id]), Buffer.from(payload)]);
  return Buffer.concat([numbers(body.length), body]);
}

/** A message of an extension; 0 is the handshake of extensions (BEP 10), 1 ours of ut_metadata. */
export function extended(id: number, payload: string): Buffer {
  return message(20, Buffer.concat([Buffer.from([id]), Buffer.from(payload, 'latin1')]));
}

export function handshake(infoHash: string, peerId: Uint8Array = randomBytes(20)): Buffer {
  const reserved = Buffer.from('0000000000100000', 'hex');
  const start = Buffer.from('\x13BitTorrent protocol', 'latin1');
  return Buffer.concat([start, reserved, Buffer.from(infoHash, 'hex'), peerId]);
}

export const blockOf = ({ index, offset }: Asked, block: Uint8Array): Buffer =>
  message(7, Buffer.concat([numbers(index, offset), block]));

export interface WickedPeer {
  readonly port: number;
  /** Those that ask for its torrent: the port may have been another's a moment ago, whom others still look for. */
  readonly connections: number;
  readonly asked: readonly Asked[];
}

/** A seeder of `content` that listens on 127.0.0.1. */
export async function wickedSeeder(content: Sample, conduct: Conduct): Promise<WickedPeer> {
  const sockets = new Set<Socket>();
  const asked: Asked[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    seedOver(socket, content, conduct, asked, () => {
      connections += 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atTheEnd(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    asked,
    get connections() {
      return connections;
    },
  };
}

/** The same, but it dials. */
export function dialAsSeeder(
  port: number,
  content: Sample,
  conduct: Conduct,
  localAddress = '127.0.0.1',
): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  seedOver(socket, content, conduct, [], () => {});
  atTheEnd(async () => socket.destroy());
  return socket;
}

function seedOver(
  socket: Socket,
  content: Sample,
  conduct: Conduct,
  asked: Asked[],
  onGreeted: () => void,
): void {
  const { metainfo, bytes } = content;
  socket.on('error', () => {});
  const everything = Buffer.alloc(Math.ceil(metainfo.pieceCount / 8));
  for (let index = 0; index < metainfo.pieceCount; index += 1) {
    everything.writeUInt8(everything.readUInt8(index >> 3) | (0x80 >> (index & 7)), index >> 3);
  }
  socket.write(Buffer.concat([handshake(metainfo.infoHash), message(5, everything), message(1)]));
  hearMessages(socket, {
    onHandshake(theirs) {
      if (theirs.includes(Buffer.from(metainfo.infoHash, 'hex'))) onGreeted();
    },
    onMessage(said) {
      if (said.length !== 13 || said.readUInt8(0) !== 6) return;
      const [index, offset] = [said.readUInt32BE(1), said.readUInt32BE(5)];
      const request = { index, offset, lengthBytes: said.readUInt32BE(9) };
      asked.push(request);
      const start = index * metainfo.pieceLengthBytes + offset;
      const good = bytes.subarray(start, start + request.lengthBytes);
      const answer = conduct(request, good);
      if (answer !== undefined && socket.writable) socket.write(answer);
    },
  });
}

/** A leecher of the engine's torrent, which may ask for blocks. */
export async function unchokedLeecher({ peerPort }: Engine, infoHash: string): Promise<Socket> {
  const socket = connect(peerPort, '127.0.0.1').on('error', () => {});
  atTheEnd(async () => socket.destroy());
  let heard = Buffer.alloc(0);
  socket.write(Buffer.concat([handshake(infoHash), message(2)]));
  await new Promise<void>((resolve) => {
    const listen = (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      if (!heard.includes(message(1))) return;
      socket.off('data', listen);
      resolve();
    };
    socket.on('data', listen);
  });
  return socket;
}
