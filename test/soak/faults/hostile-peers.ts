// Peers that mean harm: rubbish, broken handshakes, messages that lie about their length, slow bytes, requests whose answers
// are never read, connections by the hundred. Each is over after some seconds.
import { connect, type Socket } from 'node:net';
import {
  abilities,
  extended,
  handshake,
  message,
  messageIds,
} from '../../support/peers/wire-messages.js';
import type { Random } from '../../support/random.js';
import { pause } from '../waiting/waiting.js';

export interface AttackTarget {
  readonly peerPort: number;
  readonly trackerPort: number | undefined;
  readonly infoHash: string;
}

export interface HostilePeer {
  readonly name: string;
  readonly attack: (target: AttackTarget, random: Random, over: AbortSignal) => Promise<void>;
}

export const hostilePeers: readonly HostilePeer[] = [
  {
    name: 'peer that sends rubbish',
    attack: (target, random, over) =>
      connectTo(target.peerPort, over, (socket) => void socket.write(random.bytes(4_096))),
  },
  {
    name: 'peer with a broken encryption handshake',
    attack: (target, random, over) =>
      connectTo(
        target.peerPort,
        over,
        (socket) => void socket.write(Buffer.alloc(96, random.pick([0, 255]))),
      ),
  },
  {
    name: 'peer with a broken handshake',
    attack: (target, random, over) =>
      connectTo(target.peerPort, over, (socket) => {
        const bytes = handshake(target.infoHash, random.bytes(20), abilities.all);
        bytes[random.below(48)] = random.below(256);
        socket.write(bytes.subarray(0, random.pick([5, 48, 68])));
      }),
  },
  {
    name: 'peer with broken messages',
    attack: (target, random, over) =>
      connectTo(target.peerPort, over, (socket) => {
        socket.write(handshake(target.infoHash, random.bytes(20), abilities.all));
        for (let count = 0; count < 20; count += 1) {
          socket.write(message(random.below(24), random.bytes(random.below(200))));
        }
      }),
  },
  {
    name: 'peer that announces a message of 2 GiB',
    attack: (target, random, over) =>
      connectTo(target.peerPort, over, (socket) => {
        socket.write(handshake(target.infoHash, random.bytes(20), abilities.all));
        socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 7]));
        for (let count = 0; count < 64; count += 1) socket.write(Buffer.alloc(65_536));
      }),
  },
  {
    name: 'peer with broken metadata messages',
    attack: (target, random, over) =>
      connectTo(target.peerPort, over, (socket) => {
        socket.write(handshake(target.infoHash, random.bytes(20), abilities.all));
        socket.write(extended(0, 'd1:md11:ut_metadatai3ee13:metadata_sizei16384ee'));
        for (const text of ['', 'i1e', 'd8:msg_typei9ee', 'd8:msg_typei0e5:piecei-1ee', 'le']) {
          socket.write(extended(random.below(4), text));
        }
      }),
  },
  {
    name: 'peer of one byte a second',
    async attack(target, random, over) {
      const bytes = handshake(target.infoHash, random.bytes(20), abilities.all);
      await connectTo(target.peerPort, over, async (socket) => {
        for (let at = 0; at < 10 && !socket.destroyed && !over.aborted; at += 1) {
          socket.write(bytes.subarray(at, at + 1));
          await pause(1_000, over);
        }
      });
    },
  },
  {
    name: 'peer that never reads',
    attack: (target, random, over) =>
      connectTo(target.peerPort, over, (socket) => {
        socket.pause();
        socket.write(
          Buffer.concat([
            handshake(target.infoHash, random.bytes(20), abilities.all),
            message(messageIds.interested),
          ]),
        );
        for (let count = 0; count < 2_000; count += 1)
          socket.write(message(messageIds.request, [0, 0, 16_384]));
      }),
  },
  {
    name: 'flood of 100 connections',
    async attack(target, random, over) {
      const port = random.pick([target.peerPort, target.trackerPort ?? target.peerPort]);
      await Promise.all(Array.from({ length: 100 }, () => connectTo(port, over, () => {})));
    },
  },
  {
    name: 'rubbish to the tracker',
    attack: (target, random, over) =>
      connectTo(target.trackerPort ?? target.peerPort, over, (socket) => {
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
async function connectTo(
  port: number,
  over: AbortSignal,
  say: (socket: Socket) => void | Promise<void>,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.resume();
  socket.setNoDelay();
  await Promise.race([say(socket), closed]);
  await Promise.race([closed, pause(5_000, over)]);
  socket.destroy();
}
