// Peers that mean harm: rubbish, broken handshakes, messages that lie about their length, slow bytes, requests whose answers
// are never read, connections by the hundred. Each is over after some seconds.
import { connect, type Socket } from 'node:net';
import type { Random } from '../fuzz/random.js';
import { pause } from './waiting.js';

export interface Prey {
  readonly peerPort: number;
  readonly trackerPort: number | undefined;
  readonly infoHash: string;
}

export interface Attack {
  readonly name: string;
  readonly carryOut: (prey: Prey, random: Random, over: AbortSignal) => Promise<void>;
}

const interested = message(2);
const bitTorrent = Buffer.from('\x13BitTorrent protocol');

export const attacks: readonly Attack[] = [
  {
    name: 'peer that sends rubbish',
    carryOut: (prey, random, over) =>
      attack(prey.peerPort, over, (socket) => void socket.write(random.bytes(4_096))),
  },
  {
    name: 'peer with a broken encryption handshake',
    carryOut: (prey, random, over) =>
      attack(
        prey.peerPort,
        over,
        (socket) => void socket.write(Buffer.alloc(96, random.pick([0, 255]))),
      ),
  },
  {
    name: 'peer with a broken handshake',
    carryOut: (prey, random, over) =>
      attack(prey.peerPort, over, (socket) => {
        const bytes = handshake(prey.infoHash, random);
        bytes[random.below(48)] = random.below(256);
        socket.write(bytes.subarray(0, random.pick([5, 48, 68])));
      }),
  },
  {
    name: 'peer with broken messages',
    carryOut: (prey, random, over) =>
      attack(prey.peerPort, over, (socket) => {
        socket.write(handshake(prey.infoHash, random));
        for (let count = 0; count < 20; count += 1) {
          socket.write(message(random.below(24), random.bytes(random.below(200))));
        }
      }),
  },
  {
    name: 'peer that announces a message of 2 GiB',
    carryOut: (prey, random, over) =>
      attack(prey.peerPort, over, (socket) => {
        socket.write(handshake(prey.infoHash, random));
        socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 7]));
        for (let count = 0; count < 64; count += 1) socket.write(Buffer.alloc(65_536));
      }),
  },
  {
    name: 'peer with broken metadata messages',
    carryOut: (prey, random, over) =>
      attack(prey.peerPort, over, (socket) => {
        socket.write(handshake(prey.infoHash, random));
        socket.write(extended(0, 'd1:md11:ut_metadatai3ee13:metadata_sizei16384ee'));
        for (const text of ['', 'i1e', 'd8:msg_typei9ee', 'd8:msg_typei0e5:piecei-1ee', 'le']) {
          socket.write(extended(random.below(4), text));
        }
      }),
  },
  {
    name: 'peer of one byte a second',
    async carryOut(prey, random, over) {
      const bytes = handshake(prey.infoHash, random);
      await attack(prey.peerPort, over, async (socket) => {
        for (let at = 0; at < 10 && !socket.destroyed && !over.aborted; at += 1) {
          socket.write(bytes.subarray(at, at + 1));
          await pause(1_000, over);
        }
      });
    },
  },
  {
    name: 'peer that never reads',
    carryOut: (prey, random, over) =>
      attack(prey.peerPort, over, (socket) => {
        socket.pause();
        socket.write(Buffer.concat([handshake(prey.infoHash, random), interested]));
        for (let count = 0; count < 2_000; count += 1) socket.write(request(0, 16_384));
      }),
  },
  {
    name: 'flood of 100 connections',
    async carryOut(prey, random, over) {
      const port = random.pick([prey.peerPort, prey.trackerPort ?? prey.peerPort]);
      await Promise.all(Array.from({ length: 100 }, () => attack(port, over, () => {})));
    },
  },
  {
    name: 'rubbish to the tracker',
    carryOut: (prey, random, over) =>
      attack(prey.trackerPort ?? prey.peerPort, over, (socket) => {
        const text = random.pick([
          'GET /announce?info_hash=%zz&port=99999 HTTP/1.1\r\nhost: x\r\n\r\n',
          'GET /announce HTTP/1.1\r\n',
          `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
          `POST /announce HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nx`,
        ]);
        socket.write(text);
      }),
  },
];

/** One connection, that lasts for as long as the other side suffers it, but not long. */
async function attack(
  port: number,
  over: AbortSignal,
  deed: (socket: Socket) => void | Promise<void>,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.resume();
  socket.setNoDelay();
  await Promise.race([deed(socket), closed]);
  await Promise.race([closed, pause(5_000, over)]);
  socket.destroy();
}

function handshake(infoHash: string, random: Random): Buffer {
  const reserved = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 5]);
  return Buffer.concat([bitTorrent, reserved, Buffer.from(infoHash, 'hex'), random.bytes(20)]);
}

function message(id: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length);
  head[4] = id;
  return Buffer.concat([head, payload]);
}

function request(piece: number, lengthBytes: number): Buffer {
  const payload = Buffer.alloc(12);
  payload.writeUInt32BE(piece, 0);
  payload.writeUInt32BE(lengthBytes, 8);
  return message(6, payload);
}

function extended(id: number, text: string): Buffer {
  return message(20, Buffer.concat([Buffer.from([id]), Buffer.from(text)]));
}
