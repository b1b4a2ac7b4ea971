// Reads pieces from a content store and compares their SHA-1 with the metainfo's (BEP 3): a few at a time, in memory
// that is used again and again, hashed in the thread pool where a piece fits into memory.
import { createHash, subtle } from 'node:crypto';
import type { Metainfo } from '../../metainfo/metainfo.js';
import type { PieceRun } from '../layout/present-pieces.js';
import type { TorrentStorage } from '../torrent-storage.js';

const mebibyte = 1024 * 1024;
/** All lanes together, counting the copy that `subtle.digest` takes of what it is given. */
const memoryBytes = 64 * mebibyte;
const maxLanes = 4;
/** Small pieces are read so many bytes at once. Larger ones than `maxDigestBytes` are hashed in such parts. */
const readBytes = mebibyte;
/** Two lanes of it fit; and its copy, made on the main thread, takes a few milliseconds. */
const maxDigestBytes = 16 * mebibyte;

export interface PieceChecker {
  /** How many `check` may run at once, each with a lane of its own. */
  readonly lanes: number;
  /** How many pieces one `check` takes at most. */
  readonly piecesAtOnce: number;
  /** Reads and hashes the pieces. Rejects as the store does, or with the signal's reason between two reads. */
  check(run: PieceRun, lane: number, onPiece: OnPiece): Promise<void>;
}

export type OnPiece = (index: number, isGood: boolean) => void;

export function createPieceChecker(
  metainfo: Metainfo,
  store: TorrentStorage,
  signal: AbortSignal,
): PieceChecker {
  const { pieceLengthBytes } = metainfo;
  const fitsMemory = pieceLengthBytes <= maxDigestBytes;
  const piecesAtOnce = fitsMemory ? Math.max(1, Math.floor(readBytes / pieceLengthBytes)) : 1;
  const laneBytes = fitsMemory ? piecesAtOnce * pieceLengthBytes : readBytes;
  const lanes = Math.min(maxLanes, Math.floor(memoryBytes / (2 * laneBytes)));
  const buffers = new Map<number, Uint8Array<ArrayBuffer>>();

  function bufferOf(lane: number): Uint8Array<ArrayBuffer> {
    const buffer = buffers.get(lane) ?? new Uint8Array(Math.min(laneBytes, metainfo.lengthBytes));
    buffers.set(lane, buffer);
    return buffer;
  }

  async function checkAtOnce({ first, count }: PieceRun, lane: number, onPiece: OnPiece) {
    const offsetBytes = first * pieceLengthBytes;
    const runBytes = (count - 1) * pieceLengthBytes + metainfo.pieceBytes(first + count - 1);
    const bytes = bufferOf(lane).subarray(0, runBytes);
    await store.readInto(offsetBytes, bytes);
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

  async function checkInParts({ first }: PieceRun, lane: number, onPiece: OnPiece) {
    const offsetBytes = first * pieceLengthBytes;
    const pieceBytes = metainfo.pieceBytes(first);
    const hash = createHash('sha1');
    for (let done = 0; done < pieceBytes; done += readBytes) {
      const part = bufferOf(lane).subarray(0, Math.min(readBytes, pieceBytes - done));
      await store.readInto(offsetBytes + done, part);
      signal.throwIfAborted();
      hash.update(part);
    }
    onPiece(first, metainfo.isHashOf(first, hash.digest()));
  }

  return { lanes, piecesAtOnce, check: fitsMemory ? checkAtOnce : checkInParts };
}
