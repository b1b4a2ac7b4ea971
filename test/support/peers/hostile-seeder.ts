// Seeders that say that they have everything, and answer each request as a test says: in bad faith, late, or never. They
// listen on 127.0.0.1, or dial, until the test ends.
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Engine } from '../../../src/engine/engine.js';
import type { Sample } from '../torrents/sample-on-disk.js';
import { listenOn } from '../web/listen-on.js';
import { readMessages } from './read-messages.js';
import {
  type BlockRequest,
  fullBitfield,
  handshake,
  message,
  messageIds,
  requestIn,
} from './wire-messages.js';

/** What is sent in answer to a request; nothing if undefined. */
export type Answer = (request: BlockRequest, good: Buffer) => Uint8Array | undefined;

export interface HostileSeeder {
  readonly port: number;
  /** Those that ask for its torrent: the port may have been another's a moment ago, whom others still look for. */
  readonly connections: number;
  /** All that ever dialled it. */
  readonly sockets: readonly Socket[];
  readonly asked: readonly BlockRequest[];
}

export interface SeederOptions {
  readonly infoHash: string;
  readonly pieceCount: number;
  /** What it does with the socket is its own affair. */
  readonly onRequest: (socket: Socket, request: BlockRequest) => void;
}

/** One that need not have any content. */
export async function startHostileSeeder(options: SeederOptions): Promise<HostileSeeder> {
  const sockets: Socket[] = [];
  const asked: BlockRequest[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    sockets.push(socket);
    seedOver(socket, {
      ...options,
      onRequest(asker, request) {
        asked.push(request);
        options.onRequest(asker, request);
      },
      onHandshake() {
        connections += 1;
      },
    });
  });
  const port = await listenOn(server);
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port,
    asked,
    sockets,
    get connections() {
      return connections;
    },
  };
}

/** One that has `content`, and answers what it likes. */
export function hostileSeeder(content: Sample, answer: Answer): Promise<HostileSeeder> {
  return startHostileSeeder(optionsOf(content, answer));
}

/** The same, but it dials. */
export function dialAsSeeder(
  port: number,
  content: Sample,
  answer: Answer,
  localAddress = '127.0.0.1',
): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  seedOver(socket, { ...optionsOf(content, answer), onHandshake: () => {} });
  onTestFinished(() => void socket.destroy());
  return socket;
}

function optionsOf({ metainfo, bytes }: Sample, answer: Answer): SeederOptions {
  return {
    infoHash: metainfo.infoHash,
    pieceCount: metainfo.pieceCount,
    onRequest(socket, request) {
      const start = request.index * metainfo.pieceLengthBytes + request.offset;
      const said = answer(request, bytes.subarray(start, start + request.lengthBytes));
      if (said !== undefined && socket.writable) socket.write(said);
    },
  };
}

function seedOver(
  socket: Socket,
  {
    infoHash,
    pieceCount,
    onRequest,
    onHandshake,
  }: SeederOptions & { readonly onHandshake: () => void },
): void {
  socket.on('error', () => {});
  const unchoke = message(messageIds.unchoke);
  socket.write(Buffer.concat([handshake(infoHash), fullBitfield(pieceCount), unchoke]));
  readMessages(socket, {
    onHandshake(theirs) {
      if (theirs.includes(Buffer.from(infoHash, 'hex'))) onHandshake();
    },
    onMessage(body) {
      const request = requestIn(body);
      if (request !== undefined) onRequest(socket, request);
    },
  });
}

/** A leecher of the engine's torrent, which may ask for blocks. */
export async function unchokedLeecher({ peerPort }: Engine, infoHash: string): Promise<Socket> {
  const socket = connect(peerPort, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  let said = Buffer.alloc(0);
  socket.write(Buffer.concat([handshake(infoHash), message(messageIds.interested)]));
  await new Promise<void>((resolve) => {
    const listen = (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
      if (!said.includes(message(messageIds.unchoke))) return;
      socket.off('data', listen);
      resolve();
    };
    socket.on('data', listen);
  });
  return socket;
}
