// Finds out what of a download lies on disk already, and that nothing else lies in its way. It writes nothing.

import { inLanes } from '../../in-lanes.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { clearPiece, createBitfield, hasPiece, setPiece, verifiedBytes } from './bitfield.js';
import { filePath, piecesOf } from './content-layout.js';
import type { ContentStore } from './content-store.js';
import { coveredPieces, stretchesOf } from './covered-pieces.js';
import { lookAtFile, type SeenFolders } from './destination.js';
import { destinationExists } from './disk-errors.js';
import { createPieceChecker } from './piece-checker.js';

export interface CheckRequest {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly contentPath: string;
  readonly store: ContentStore;
  readonly signal: AbortSignal;
  /** Pieces known to be good: not read again, as long as their files are still long enough to hold them. */
  readonly known?: Uint8Array | undefined;
  /** Hears of every piece that was read, in no certain order. */
  readonly onPiece?: ((index: number, isGood: boolean) => void) | undefined;
}

export interface CheckResult {
  /** The pieces that are there, the most significant bit first (BEP 3). */
  readonly bitfield: Uint8Array;
  readonly verifiedBytes: number;
}

/** Looking is quick on a local disk, and takes a round trip on a network's. */
const lookingLanes = 4;

/**
 * Missing files cost nothing. Rejects with DESTINATION_EXISTS, naming the file, if something lies at the place of a
 * file that is none, is longer than it, or holds no good piece; with DISK_FAILED if one cannot be read; with the
 * signal's reason, at once, if it aborts.
 */
export async function checkContent(request: CheckRequest): Promise<CheckResult> {
  const { signal } = request;
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort);
  try {
    // A disk that hangs must not hold up the abort; the lanes see it as soon as they can.
    return await Promise.race([check(request), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function check(request: CheckRequest): Promise<CheckResult> {
  const { metainfo, store, signal, onPiece } = request;
  const sizes = await lookAtFiles(request);
  const known = knownPieces(request);
  const bitfield = trustedPieces(metainfo, known, sizes);
  const checker = createPieceChecker(metainfo, store, signal);
  const runs = coveredPieces(metainfo, sizes);
  const isUnsure = (index: number) => !hasPiece(bitfield, index);
  await inLanes(
    checker.lanes,
    stretchesOf(runs, checker.piecesAtOnce, isUnsure),
    async (stretch, lane) => {
      await checker.check(stretch, lane, (index, isGood) => {
        if (isGood) setPiece(bitfield, index);
        onPiece?.(index, isGood);
      });
    },
  );
  refuseForeignFiles(request, sizes, [bitfield, known]);
  return { bitfield, verifiedBytes: verifiedBytes(metainfo, bitfield) };
}

/** The size of every file there is. */
async function lookAtFiles({
  metainfo,
  contentPath,
  signal,
}: CheckRequest): Promise<ReadonlyMap<MetainfoFile, number>> {
  const sizes = new Map<MetainfoFile, number>();
  const seen: SeenFolders = new Map();
  const real = metainfo.files.filter((file) => !file.isPadding);
  await inLanes(lookingLanes, real, async (file) => {
    signal.throwIfAborted();
    const sizeBytes = await lookAtFile(contentPath, file, seen);
    if (sizeBytes === undefined) return;
    if (sizeBytes > file.lengthBytes) {
      const path = filePath(contentPath, file);
      throw destinationExists(
        path,
        `is longer than the torrent's file of ${file.lengthBytes} bytes`,
      );
    }
    sizes.set(file, sizeBytes);
  });
  return sizes;
}

/** A bitfield of this torrent's from whatever the caller kept: one of another length says nothing. */
function knownPieces({ metainfo, known }: CheckRequest): Uint8Array {
  const bitfield = createBitfield(metainfo.pieceCount);
  if (known?.length !== bitfield.length) return bitfield;
  bitfield.set(known);
  for (let spare = metainfo.pieceCount; spare < bitfield.length * 8; spare++) {
    clearPiece(bitfield, spare);
  }
  return bitfield;
}

/** The known pieces without those of files too short for what is known of them: something happened to these. */
function trustedPieces(
  metainfo: Metainfo,
  known: Uint8Array,
  sizes: ReadonlyMap<MetainfoFile, number>,
): Uint8Array {
  const trusted = known.slice();
  if (known.every((byte) => byte === 0)) return trusted;
  for (const file of metainfo.files) {
    const sizeBytes = sizes.get(file) ?? 0;
    if (file.isPadding || sizeBytes >= knownEndBytes(metainfo, known, file)) continue;
    for (const index of piecesOf(metainfo, file)) clearPiece(trusted, index);
  }
  return trusted;
}

/** Where in its file the last known piece ends. */
function knownEndBytes(metainfo: Metainfo, known: Uint8Array, file: MetainfoFile): number {
  let endBytes = 0;
  for (const index of piecesOf(metainfo, file)) {
    if (hasPiece(known, index))
      endBytes = (index + 1) * metainfo.pieceLengthBytes - file.offsetBytes;
  }
  return Math.min(endBytes, file.lengthBytes);
}

/** What holds no good piece, and never held one as far as we know, belongs to somebody else. */
function refuseForeignFiles(
  { metainfo, contentPath }: CheckRequest,
  sizes: ReadonlyMap<MetainfoFile, number>,
  ours: readonly Uint8Array[],
): void {
  for (const [file, sizeBytes] of sizes) {
    if (sizeBytes === 0) continue;
    if (!isAnyOurs(metainfo, file, ours)) {
      throw destinationExists(filePath(contentPath, file), 'holds nothing of this torrent');
    }
  }
}

function isAnyOurs(metainfo: Metainfo, file: MetainfoFile, ours: readonly Uint8Array[]): boolean {
  for (const index of piecesOf(metainfo, file)) {
    if (ours.some((bitfield) => hasPiece(bitfield, index))) return true;
  }
  return false;
}
