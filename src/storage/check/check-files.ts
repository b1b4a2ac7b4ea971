// Finds out what of a download lies on disk already, and that nothing else lies in its way. It writes nothing.
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { untilAborted } from '../../async/until-aborted.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { BatchThreads } from '../batches/batch-threads.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { changedSince, destinationExists, sharedFile } from '../disk/storage-errors.js';
import {
  createBitfield,
  everyPiece,
  hasPiece,
  setPiece,
  verifiedBytes,
} from '../layout/bitfield.js';
import { filePath, piecesOf, spansOf } from '../layout/file-layout.js';
import { fileStatus, type SeenFolders } from '../layout/file-status.js';
import { presentPieces, wantedRuns } from '../layout/present-pieces.js';
import type { CheckedPieces, FileStamps, TorrentStorage } from '../storage.js';
import { lookInBatches } from './look-in-batches.js';
import { createPieceChecker } from './piece-checker.js';

export interface CheckRequest {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly contentPath: string;
  readonly content: TorrentStorage;
  readonly signal: AbortSignal;
  readonly threads?: BatchThreads | undefined;
  /** Nothing lies at the content path: one has looked a moment ago. */
  readonly isNew?: boolean | undefined;
  /** What is known of the pieces, given the files that are there. Left out: nothing, and all are read. */
  readonly knownPieces?: ((stamps: FileStamps) => KnownPieces) | undefined;
  /** Whether what is written to the file would change under other names too. */
  readonly isShared?: ((stamp: FileStamp) => boolean) | undefined;
  /** Hears of every piece that was read, in no certain order. */
  readonly onPiece?: ((index: number, isGood: boolean) => void) | undefined;
}

/** Bitfields (BEP 3). A piece in neither is taken to be missing, and not read. */
export interface KnownPieces {
  /** Good, and not read again. */
  readonly trusted: Uint8Array;
  /** To be read, as far as they lie wholly in the files there are. */
  readonly doubtful: Uint8Array;
  /** Known to be this download's, even if nothing good is in them any more. */
  readonly owned: ReadonlySet<MetainfoFile>;
  /** Were complete, and have been changed since. */
  readonly changed: ReadonlySet<MetainfoFile>;
}

export interface CheckResult extends CheckedPieces {
  readonly stamps: FileStamps;
  /** They were complete, and have been changed since. */
  readonly changed: ReadonlySet<MetainfoFile>;
  /** Files of pieces that were read and found good. */
  readonly read: ReadonlySet<MetainfoFile>;
}

/** Looking is quick on a local disk, and takes a round trip on a network's. */
const looksAtOnce = 4;

/**
 * Missing files cost nothing. Rejects with DESTINATION_EXISTS, naming the file, if something lies at the place of a
 * file that is none, is longer than it, or is not to be written to and needs to be: it holds no good piece, was complete
 * and is no more, or has other names; with a DISK_ code if one cannot be read; with the signal's reason, at once, if it
 * aborts.
 */
export async function checkFiles(request: CheckRequest): Promise<CheckResult> {
  const { signal } = request;
  signal.throwIfAborted();
  // A disk that hangs must not hold up the abort; what is under way sees it as soon as it can.
  return untilAborted(signal, check(request));
}

async function check(request: CheckRequest): Promise<CheckResult> {
  const { metainfo, content, signal, knownPieces = nothingKnown(metainfo), onPiece } = request;
  const stamps = request.isNew ? new Map<MetainfoFile, FileStamp>() : await lookAtFiles(request);
  const known = knownPieces(stamps);
  const { trusted, doubtful, changed } = known;
  const bitfield = trusted.slice();
  const read = { good: new Set<MetainfoFile>(), bad: new Set<MetainfoFile>() };
  const checker = createPieceChecker(metainfo, content, signal);
  const sizes = new Map([...stamps].map(([file, { sizeBytes }]) => [file, sizeBytes]));
  const isUnsure = (index: number) => hasPiece(doubtful, index) && !hasPiece(trusted, index);
  await forEachConcurrent(
    checker.concurrency,
    wantedRuns(presentPieces(metainfo, sizes), checker.piecesAtOnce, isUnsure),
    async (run, slot) => {
      await checker.check(run, slot, (index, isGood) => {
        if (isGood) setPiece(bitfield, index);
        const offsetBytes = index * metainfo.pieceLengthBytes;
        const files = isGood ? read.good : read.bad;
        for (const { file } of spansOf(metainfo, offsetBytes, metainfo.pieceBytes(index))) {
          if (!file.isPadding) files.add(file);
        }
        onPiece?.(index, isGood);
      });
    },
  );
  mustBeWritable(request, { stamps, bitfield, bad: read.bad }, known);
  const bytes = verifiedBytes(metainfo, bitfield);
  return { bitfield, verifiedBytes: bytes, stamps, changed, read: read.good };
}

/** The same, but that all of it is to be read, and may be written to: its user wants what is missing, whoever changed it. */
export function untrusted({ pieceCount }: Metainfo, { owned }: KnownPieces): KnownPieces {
  return {
    trusted: createBitfield(pieceCount),
    doubtful: everyPiece(pieceCount),
    owned,
    changed: new Set(),
  };
}

function nothingKnown({ pieceCount }: Metainfo): () => KnownPieces {
  return () => ({
    trusted: createBitfield(pieceCount),
    doubtful: everyPiece(pieceCount),
    owned: new Set(),
    changed: new Set(),
  });
}

async function lookAtFiles(request: CheckRequest): Promise<FileStamps> {
  const { metainfo, contentPath, signal, threads } = request;
  const stamps = new Map<MetainfoFile, FileStamp>();
  const onStamp = (file: MetainfoFile, stamp: FileStamp) => {
    if (stamp.sizeBytes > file.lengthBytes) {
      const path = filePath(contentPath, file);
      throw destinationExists(
        path,
        `is longer than the torrent's file of ${file.lengthBytes} bytes`,
      );
    }
    stamps.set(file, stamp);
  };
  const seen: SeenFolders = new Map();
  const files = metainfo.files.filter((file) => !file.isPadding);
  const left = await lookInBatches({ kind: 'look', contentPath, files, threads, signal, onStamp });
  await forEachConcurrent(looksAtOnce, left, async (file) => {
    signal.throwIfAborted();
    const stamp = await fileStatus(contentPath, file, seen);
    if (stamp !== undefined) onStamp(file, stamp);
  });
  return stamps;
}

interface Findings {
  readonly stamps: FileStamps;
  readonly bitfield: Uint8Array;
  /** Files of pieces that were read and found bad. */
  readonly bad: ReadonlySet<MetainfoFile>;
}

/** What lacks something must be ours to write to. What holds no good piece belongs to somebody else. */
function mustBeWritable(
  { metainfo, contentPath, isShared = ({ linkCount }) => linkCount > 1 }: CheckRequest,
  { stamps, bitfield, bad }: Findings,
  { owned, changed }: KnownPieces,
): void {
  for (const [file, stamp] of stamps) {
    const path = filePath(contentPath, file);
    const isWhole = stamp.sizeBytes === file.lengthBytes && !bad.has(file);
    if (!isWhole && changed.has(file)) throw changedSince(path);
    if (!isWhole && isShared(stamp)) throw sharedFile(path);
    if (stamp.sizeBytes === 0 || owned.has(file) || holdsPiece(metainfo, file, bitfield)) continue;
    throw destinationExists(path, 'holds nothing of this torrent');
  }
}

function holdsPiece(metainfo: Metainfo, file: MetainfoFile, bitfield: Uint8Array): boolean {
  for (const index of piecesOf(metainfo, file)) if (hasPiece(bitfield, index)) return true;
  return false;
}
