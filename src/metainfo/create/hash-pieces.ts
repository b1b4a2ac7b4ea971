// Hashes content piece by piece: much of it in threads of its own, and little, for which these would hardly be worth
// starting, in Node's thread pool. Hardly ever on the event loop; memory and open files are bounded whatever the content.
import { hash, webcrypto } from 'node:crypto';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { sha1Bytes } from '../metainfo.js';
import { ContentFile } from './content/content-file.js';
import type { ScannedFile } from './content/scan-content.js';
import type { HashedPieces } from './threads/hashing-threads.js';
import { threadsWorth } from './threads/threads-worth.js';

/**
 * For the pieces being read; as much again goes for the copies of them that are being hashed. Twice as much would be
 * a little quicker, but copying two pieces of 16 MiB in one turn would hold up the event loop for over 20 ms.
 */
const buffersBytes = 16 * 1024 * 1024;
/** Each slot reads one piece while it hashes another; more are no quicker, and hold up the event loop. */
const maxSlots = 4;
/** Up to so much it takes longer to hand a piece to the thread pool than to hash it; and to read several pieces one by one. */
const worthAHandoverBytes = 64 * 1024;
/** How many files of one piece are read at a time: a piece may hold thousands of tiny ones. */
const filesAtOnce = 4;

/** A part of a file within a run. */
interface Slice {
  readonly file: ContentFile;
  readonly lengthBytes: number;
  readonly fromFileByte: number;
  readonly toRunByte: number;
}

/** A piece, or several short ones. Its slices fill it from end to end. Those of empty files take no room, but are checked as well. */
interface Run {
  readonly index: number;
  readonly lengthBytes: number;
  readonly slices: readonly Slice[];
}

/** What hashes content that is worth a thread. */
export interface ContentHasher {
  hash(
    files: readonly ScannedFile[],
    pieceLengthBytes: number,
    signal: AbortSignal,
  ): Promise<Pick<HashedPieces, 'hashes'>>;
}

/**
 * Resolves with the SHA-1 of every piece of `files` laid end to end, 20 bytes each. Rejects with HelperError
 * CONTENT_CHANGED or CONTENT_UNREADABLE naming the file, or with the signal's reason. All files are closed by then.
 * `threads`: left out, the thread pool does it all.
 */
export async function hashPieces(
  files: readonly ScannedFile[],
  pieceLengthBytes: number,
  signal: AbortSignal,
  threads?: ContentHasher,
): Promise<Uint8Array> {
  if (threads === undefined || threadsWorth(lengthOf(files), files.length) === 0) {
    return hashInPool(files, pieceLengthBytes, signal);
  }
  const { hashes } = await threads.hash(files, pieceLengthBytes, signal);
  return hashes;
}

async function hashInPool(
  files: readonly ScannedFile[],
  pieceLengthBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const lengthBytes = lengthOf(files);
  const hashes = new Uint8Array(Math.ceil(lengthBytes / pieceLengthBytes) * sha1Bytes);
  const piecesARun = Math.max(1, Math.floor(worthAHandoverBytes / pieceLengthBytes));
  const runBytes = piecesARun * pieceLengthBytes;
  const slots = Math.min(maxSlots, Math.max(1, Math.floor(buffersBytes / runBytes)));
  const buffers: Uint8Array<ArrayBuffer>[] = [];
  const hashing: Promise<void>[] = [];
  const openFiles = new Set<ContentFile>();
  const hashRun = async (run: Run, slot: number) => {
    // A .torrent file may ask for pieces that are far longer than the content.
    buffers[slot] ??= new Uint8Array(Math.min(runBytes, lengthBytes));
    const buffer = buffers[slot].subarray(0, run.lengthBytes);
    await forEachConcurrent(filesAtOnce, run.slices, async (slice) => {
      signal.throwIfAborted();
      const end = slice.toRunByte + slice.lengthBytes;
      await slice.file.read(buffer.subarray(slice.toRunByte, end), slice.fromFileByte);
    });
    signal.throwIfAborted();
    const first = run.index * piecesARun;
    if (buffer.length <= worthAHandoverBytes) {
      for (
        let begin = 0, index = first;
        begin < buffer.length;
        begin += pieceLengthBytes, index++
      ) {
        const piece = buffer.subarray(begin, begin + pieceLengthBytes);
        hashes.set(hash('sha1', piece, 'buffer'), index * sha1Bytes);
      }
      return;
    }
    await hashing[slot];
    // By the standard `digest` takes a copy at once, so the buffer is free for the next piece.
    hashing[slot] = webcrypto.subtle.digest('SHA-1', buffer).then((digest) => {
      hashes.set(new Uint8Array(digest), first * sha1Bytes);
    });
  };
  try {
    await forEachConcurrent(slots, cutIntoRuns(files, runBytes, openFiles), hashRun);
    await Promise.all(hashing);
    return hashes;
  } finally {
    await Promise.allSettled(hashing);
    await Promise.all(Array.from(openFiles, (file) => file.close()));
  }
}

function lengthOf(files: readonly ScannedFile[]): number {
  return files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}

function* cutIntoRuns(
  files: readonly ScannedFile[],
  runBytes: number,
  openFiles: Set<ContentFile>,
): Generator<Run> {
  let index = 0;
  let slices: Slice[] = [];
  let filledBytes = 0;
  for (const scanned of files) {
    const file = new ContentFile(scanned, openFiles);
    let fromFileByte = 0;
    do {
      // An empty file at the very end must not begin a run of its own.
      if (filledBytes === runBytes && fromFileByte < scanned.lengthBytes) {
        yield { index, lengthBytes: filledBytes, slices };
        index += 1;
        slices = [];
        filledBytes = 0;
      }
      const lengthBytes = Math.min(scanned.lengthBytes - fromFileByte, runBytes - filledBytes);
      slices.push({ file, lengthBytes, fromFileByte, toRunByte: filledBytes });
      fromFileByte += lengthBytes;
      filledBytes += lengthBytes;
    } while (fromFileByte < scanned.lengthBytes);
  }
  if (slices.length > 0) yield { index, lengthBytes: filledBytes, slices };
}
