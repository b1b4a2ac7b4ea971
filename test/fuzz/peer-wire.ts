// The peer wire protocol (BEP 3, 10) as bytes, for the hostile end of a connection and for the honest one.
import { once } from 'node:events';
import type { SampleTorrent } from './sample-torrent.js';
import { pieceLengthBytes } from './sample-torrent.js';
import { dial } from './say-and-hang-up.js';
import { Finding } from './target.js';

const honestMs = 5_000;

/** With the bits for DHT, fast extension and extension protocol. */
export function handshake(infoHash: string, peerId: string): Buffer {
  const start = Buffer.from('\x13BitTorrent protocol', 'latin1');
  const reserved = Buffer.from('0000000000100005', 'hex');
  return Buffer.concat([start, reserved, Buffer.from(infoHash, 'hex'), idBytes(peerId)]);
}

function idBytes(peerId: string): Buffer {
  return Buffer.from(peerId.padEnd(20, '-').slice(0, 20), 'latin1');
}

/** A message with its length before it. */
export function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

export const messageIds = { unchoke: 1, interested: 2, bitfield: 5, request: 6, piece: 7 };

export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

/** Asks the engine for a block as any peer would, and looks at what comes. */
export async function expectService(
  port: number,
  { metainfo, content }: SampleTorrent,
  peerId: string,
): Promise<void> {
  const socket = dial(port);
  const deadline = setTimeout(() => socket.destroy(), honestMs);
  try {
    await once(socket, 'connect');
    const index = metainfo.pieceCount - 2;
    const wanted = content.subarray(index * pieceLengthBytes, (index + 1) * pieceLengthBytes);
    const request = Buffer.concat([
      Buffer.of(messageIds.request),
      numbers(index, 0, pieceLengthBytes),
    ]);
    socket.write(
      Buffer.concat([
        handshake(metainfo.infoHash, peerId),
        framed(Buffer.of(15)), // have none
        framed(Buffer.of(messageIds.interested)),
      ]),
    );
    for await (const message of messagesOf(socket)) {
      if (message[0] === messageIds.unchoke) socket.write(framed(request));
      if (message[0] !== messageIds.piece) continue;
      if (Buffer.compare(message.subarray(9), wanted) === 0) return;
      throw new Finding('the engine sends a wrong block');
    }
    throw new Finding('the engine does not serve an honest peer any more');
  } finally {
    clearTimeout(deadline);
    socket.destroy();
  }
}

async function* messagesOf(socket: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = Buffer.alloc(0);
  let skipBytes = 68; // the handshake
  try {
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk]);
      const skipped = Math.min(skipBytes, bytes.length);
      bytes = bytes.subarray(skipped);
      skipBytes -= skipped;
      while (skipBytes === 0 && bytes.length >= 4) {
        const end = 4 + bytes.readUInt32BE(0);
        if (bytes.length < end) break;
        yield bytes.subarray(4, end);
        bytes = bytes.subarray(end);
      }
    }
  } catch {
    // Reset: the same as closed.
  }
}
