// Peers that speak just enough of the protocol (BEP 3) to do harm: they say that they have everything, and answer what
// they are asked for in their own way. And a tracker that names whom it is told to.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { serve } from './local-server.js';

export interface BlockRequest {
  readonly piece: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface HandmadePeer {
  readonly port: number;
  /** Everything that it was asked for, over all connections. */
  readonly requests: readonly BlockRequest[];
  /** Connections, open or not. */
  readonly connections: readonly Socket[];
}

export interface PeerWays {
  readonly infoHash: string;
  readonly pieceCount: number;
  /** Answers a request; what it does with the socket is its own affair. */
  readonly answer: (socket: Socket, request: BlockRequest) => void;
}

const handshakeBytes = 68;
const messages = { unchoke: 1, bitfield: 5, request: 6, piece: 7 } as const;

/** Listens until the test ends. */
export async function startPeer(ways: PeerWays): Promise<HandmadePeer> {
  const requests: BlockRequest[] = [];
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    greet(socket, ways);
    listen(socket, (request) => {
      requests.push(request);
      ways.answer(socket, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { port, requests, connections };
}

/** A tracker that names these peers to everybody. Gives back its announce URL. */
export async function startTrackerOf(peerPorts: () => readonly number[]): Promise<string> {
  const url = await serve((_, response) => {
    const peers = Buffer.concat(
      peerPorts().map((port) => Buffer.from([127, 0, 0, 1, port >> 8, port & 255])),
    );
    const begin = Buffer.from(`d8:intervali1800e5:peers${peers.length}:`);
    response.end(Buffer.concat([begin, peers, Buffer.from('e')]));
  });
  return `${url}/announce`;
}

function greet(socket: Socket, { infoHash, pieceCount }: PeerWays): void {
  const everything = Buffer.alloc(Math.ceil(pieceCount / 8), 0xff);
  const spareBits = everything.length * 8 - pieceCount;
  everything[everything.length - 1] = (0xff << spareBits) & 0xff;
  socket.write(
    Buffer.concat([
      Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\0\0\0', 'latin1'),
      Buffer.from(infoHash, 'hex'),
      randomBytes(20),
      message(messages.bitfield, everything),
      message(messages.unchoke),
    ]),
  );
}

export function pieceMessage({ piece, offsetBytes }: BlockRequest, block: Uint8Array): Buffer {
  const place = Buffer.alloc(8);
  place.writeUInt32BE(piece);
  place.writeUInt32BE(offsetBytes, 4);
  return message(messages.piece, Buffer.concat([place, block]));
}

function message(id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + 1);
  head[4] = id;
  return Buffer.concat([head, payload]);
}

function listen(socket: Socket, onRequest: (request: BlockRequest) => void): void {
  let waiting: Buffer = Buffer.alloc(0);
  let isGreeted = false;
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, Buffer.from(bytes)]);
    if (!isGreeted) {
      if (waiting.length < handshakeBytes) return;
      isGreeted = true;
      waiting = waiting.subarray(handshakeBytes);
    }
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE()) {
      const body = waiting.subarray(4, 4 + waiting.readUInt32BE());
      waiting = waiting.subarray(4 + body.length);
      if (body[0] !== messages.request || body.length !== 13) continue;
      onRequest({
        piece: body.readUInt32BE(1),
        offsetBytes: body.readUInt32BE(5),
        lengthBytes: body.readUInt32BE(9),
      });
    }
  });
}
