// Hashes consecutive pieces of a job, reading each byte once, through a buffer that stays in the processor's cache.
import { createHash } from 'node:crypto';
import { sha1Bytes } from '../../metainfo.js';
import { type HashJob, isStopped } from './hash-job.js';
import type { SharedFileReader } from './shared-file-reader.js';

const buffer = new Uint8Array(256 * 1024);

/** Returns how many pieces were hashed: fewer than the run has if the job was stopped. Throws as the reader does. */
export function hashRun(job: HashJob, run: number, reader: SharedFileReader): number {
  const { pieceLengthBytes, lengthBytes, piecesPerRun, pieceCount } = job;
  const firstPiece = run * piecesPerRun;
  const endPiece = Math.min(firstPiece + piecesPerRun, pieceCount);
  let piece = firstPiece;
  let hash = createHash('sha1');
  let missingBytes = lengthOf(piece);

  function lengthOf(index: number): number {
    return Math.min(pieceLengthBytes, lengthBytes - index * pieceLengthBytes);
  }

  const feed = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + missingBytes);
      hash.update(part);
      at += part.length;
      missingBytes -= part.length;
      if (missingBytes > 0) return;
      job.hashes.set(hash.digest(), piece * sha1Bytes);
      piece += 1;
      hash = createHash('sha1');
      missingBytes = lengthOf(piece);
    }
  };

  for (const { index, fromByte, length } of partsOf(job, firstPiece, endPiece)) {
    if (isStopped(job)) break;
    const bytes = buffer.subarray(0, length);
    reader.read(index, bytes, fromByte);
    feed(bytes);
  }
  return piece - firstPiece;
}

interface Part {
  readonly index: number;
  readonly fromByte: number;
  /** 0 for an empty file: it takes no room, but is checked as well. */
  readonly length: number;
}

/** What is to be read for the pieces, in order, cut to the length of the buffer. */
function* partsOf(job: HashJob, firstPiece: number, endPiece: number): Generator<Part> {
  const { endsBytes } = job.files;
  const begin = firstPiece * job.pieceLengthBytes;
  const end = Math.min(endPiece * job.pieceLengthBytes, job.lengthBytes);
  const isLast = end === job.lengthBytes;
  for (let index = firstEndingAt(endsBytes, begin); index < endsBytes.length; index++) {
    const fileBegin = endsBytes[index - 1] ?? 0;
    const fileEnd = endsBytes[index] ?? 0;
    // An empty file between two runs belongs to the later one, if there is one.
    if (fileBegin > end || (fileBegin === end && !isLast)) return;
    if (fileBegin === fileEnd) yield { index, fromByte: 0, length: 0 };
    let at = Math.max(begin, fileBegin);
    while (at < Math.min(end, fileEnd)) {
      const length = Math.min(buffer.length, Math.min(end, fileEnd) - at);
      yield { index, fromByte: at - fileBegin, length };
      at += length;
    }
  }
}

/** The first file that ends at `offsetBytes` or behind it. */
function firstEndingAt(endsBytes: Float64Array, offsetBytes: number): number {
  let low = 0;
  let high = endsBytes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((endsBytes[middle] ?? 0) < offsetBytes) low = middle + 1;
    else high = middle;
  }
  return low;
}
