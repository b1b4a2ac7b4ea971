// Reads pieces from a torrent's files and compares their SHA-1 with the metainfo's (BEP 3): a few at a time, in memory
// that is used again and again, hashed in the thread pool where a piece fits into memory.
import { createHash, subtle } from 'node:crypto';
import type { Metainfo } from '../../metainfo/metainfo.js';
import type { PieceRun } from '../layout/present-pieces.js';
import type { TorrentStorage } from '../storage.js';

const mebibyte = 1024 * 1024;
/** All slots together, counting the copy that `subtle.digest` takes of what it is given. */
const memoryBytes = 64 * mebibyte;
const mostAtOnce = 4;
/** Small pieces are read so many bytes at once. Larger ones than `maxDigestBytes` are hashed in such parts. */
const readBytes = mebibyte;
/** Two of them fit; and its copy, made on the main thread, takes a few milliseconds. */
const maxDigestBytes = 16 * mebibyte;

export interface PieceChecker {
  /** How many `check` may run at once, each in a slot of its own. */
  readonly concurrency: number;
  /** How many pieces one `check` takes at most. */
  readonly piecesAtOnce: number;
  /** Reads and hashes the pieces. Rejects as the storage does, or with the signal's reason between two reads. */
  check(run: PieceRun, slot: number, onPiece: OnPiece): Promise<void>;
}

export type OnPiece = (index: number, isGood: boolean) => void;

export function createPieceChecker(
  metainfo: Metainfo,
  content: Pick<TorrentStorage, 'readInto'>,
  signal: AbortSignal,
): PieceChecker {
  const { pieceLengthBytes } = metainfo;
  const fitsMemory = pieceLengthBytes <= maxDigestBytes;
  const piecesAtOnce = fitsMemory ? Math.max(1, Math.floor(readBytes / pieceLengthBytes)) : 1;
  const slotBytes = fitsMemory ? piecesAtOnce * pieceLengthBytes : readBytes;
  const concurrency = Math.min(mostAtOnce, Math.floor(memoryBytes / (2 * slotBytes)));
  const buffers = new Map<number, Uint8Array<ArrayBuffer>>();

  function bufferOf(slot: number): Uint8Array<ArrayBuffer> {
    const buffer = buffers.get(slot) ?? new Uint8Array(Math.min(slotBytes, metainfo.lengthBytes));
    buffers.set(slot, buffer);
    return buffer;
  }

  async function checkAtOnce({ first, count }: PieceRun, slot: number, onPiece: OnPiece) {
    const offsetBytes = first * pieceLengthBytes;
    const runBytes = (count - 1) * pieceLengthBytes + metainfo.pieceBytes(first + count - 1);
    const bytes = bufferOf(slot).subarray(0, runBytes);
    await content.readInto(offsetBytes, bytes);
    signal.throwIfAborted();
    const pieces = Array.from({ length: count }, (_, nth) =>
      bytes.subarray(nth * pieceLengthBytes, (nth + 1) * pieceLengthBytes),
    );
    const hashes = await Promise.all(pieces.map((piece) => subtle.digest('SHA-1', piece)));
    signal.throwIfAborted();
    for (const [nth, hash] of hashes.entries()) {
      onPiece(first + nth, metainfo.isHashOf(first + nth, new Uint8Array(hash)));
    }
  }

  async function checkInParts({ first }: PieceRun, slot: number, onPiece: OnPiece) {
    const offsetBytes = first * pieceLengthBytes;
    const pieceBytes = metainfo.pieceBytes(first);
    const hash = createHash('sha1');
    for (let done = 0; done < pieceBytes; done += readBytes) {
      const part = bufferOf(slot).subarray(0, Math.min(readBytes, pieceBytes - done));
      await content.readInto(offsetBytes + done, part);
      signal.throwIfAborted();
      hash.update(part);
    }
    onPiece(first, metainfo.isHashOf(first, hash.digest()));
  }

  return { concurrency, piecesAtOnce, check: fitsMemory ? checkAtOnce : checkInParts };
}
