// The messages about pieces and blocks that we write (BEP 3), the length before each: what parse.ts is for the other way.
import { messageId } from '../../webtorrent/wire-messages.js';

const haveMessageBytes = 9;
export const requestMessageBytes = 17;
/** Of a `piece` message, all but the block. */
export const pieceHeaderBytes = 13;

export const keepAlive = Buffer.alloc(4);

/** One for each piece. */
export function haveMessages(indices: readonly number[]): Buffer {
  const haves = Buffer.allocUnsafe(haveMessageBytes * indices.length);
  for (const [nth, index] of indices.entries()) {
    const at = nth * haveMessageBytes;
    haves.writeUInt32BE(haveMessageBytes - 4, at);
    haves[at + 4] = messageId.have;
    haves.writeUInt32BE(index, at + 5);
  }
  return haves;
}

/** A request, or a cancel by its `id`. Returns where the next may begin. */
export function writeRequest(
  bytes: Buffer,
  at: number,
  id: number,
  index: number,
  offsetBytes: number,
  lengthBytes: number,
): number {
  bytes.writeUInt32BE(requestMessageBytes - 4, at);
  bytes[at + 4] = id;
  bytes.writeUInt32BE(index, at + 5);
  bytes.writeUInt32BE(offsetBytes, at + 9);
  bytes.writeUInt32BE(lengthBytes, at + 13);
  return at + requestMessageBytes;
}

/** Returns where it was written. */
export function writePieceHeader(
  bytes: Buffer,
  at: number,
  index: number,
  offsetBytes: number,
  lengthBytes: number,
): Buffer {
  bytes.writeUInt32BE(pieceHeaderBytes - 4 + lengthBytes, at);
  bytes[at + 4] = messageId.piece;
  bytes.writeUInt32BE(index, at + 5);
  bytes.writeUInt32BE(offsetBytes, at + 9);
  return bytes.subarray(at, at + pieceHeaderBytes);
}
