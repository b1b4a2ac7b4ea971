// The SHA-1 of each block of a piece, one after the other: by them two copies of a piece are compared.
import { createHash } from 'node:crypto';
import { sha1Bytes } from '../../../metainfo/metainfo.js';
import { blockBytes } from './partial-piece.js';

/** Of the piece that lies in `memory` at `startBytes`. */
export function hashBlocks(
  memory: Uint8Array,
  startBytes: number,
  lengthBytes: number,
): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(lengthBytes / blockBytes) * sha1Bytes);
  const endBytes = startBytes + lengthBytes;
  for (let at = startBytes, nth = 0; at < endBytes; at += blockBytes, nth++) {
    const block = memory.subarray(at, Math.min(at + blockBytes, endBytes));
    hashes.set(createHash('sha1').update(block).digest(), nth * sha1Bytes);
  }
  return hashes;
}
