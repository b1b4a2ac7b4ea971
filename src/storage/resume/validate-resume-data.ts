// Which pieces of a download need not be read again, and which files are its own, by what was stored of it and how the
// files look now. Pure.
//
// A piece on record was on disk when its files' stamps were taken; so it is there still if nobody but us wrote to them
// since, for we write a piece once. A stamp that is the same says so. One that has changed says so too, if the journal
// names a piece of that file, and the file is no younger than the journal: then it was us, about to be stopped. Another file
// than the one that was stamped may hold anything, and be anybody's.
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { KnownPieces } from '../check/check-files.js';
import { type FileStamp, isSameFile, isUnchanged, type RecordedStamp } from '../disk/file-stamp.js';
import { clearPiece, createBitfield, everyPiece, hasPiece, setPiece } from '../layout/bitfield.js';
import { piecesOf, spansOf } from '../layout/file-layout.js';
import type { FileStamps } from '../storage.js';
import type { MadeFile, StoredJournal } from './piece-journal.js';
import type { ResumeData } from './resume-data.js';

export interface StoredResumeData {
  readonly record?: ResumeData | undefined;
  /** `damaged`: there is one, but what it says cannot be told. */
  readonly journal?: StoredJournal | 'damaged' | undefined;
}

/** A piece is written so soon after it was put into the journal; some file systems count in steps of 2 s. */
export const journalSlackNs = 2_000_000_000n;
/** A disk that stalls may take longer: too long for what it holds to be trusted, but the file is ours. */
const slowestNs = 60_000_000_000n;

export function validateResumeData(
  metainfo: Metainfo,
  stored: StoredResumeData,
  stamps: FileStamps,
): KnownPieces {
  const { record } = stored;
  const journal = stored.journal === 'damaged' ? undefined : stored.journal;
  const isUsable = record !== undefined && stored.journal !== 'damaged';
  const trusted = isUsable ? record.pieces.slice() : createBitfield(metainfo.pieceCount);
  const doubtful = isUsable ? createBitfield(metainfo.pieceCount) : everyPiece(metainfo.pieceCount);
  const owned = new Set<MetainfoFile>();
  const changed = new Set<MetainfoFile>();
  const distrust = (index: number) => {
    clearPiece(trusted, index);
    setPiece(doubtful, index);
  };
  for (const index of journal?.pieces ?? []) distrust(index);
  const journalledEnds = endsOf(metainfo, journal?.pieces ?? new Set());
  for (const [nth, file] of metainfo.files.entries()) {
    if (file.isPadding) continue;
    const now = stamps.get(file);
    const { state, isOwn } = fileState(now, {
      recorded: record?.stamps.get(file),
      made: journal?.made.get(nth),
      endBytes: journalledEnds.get(file) ?? 0,
      mtimeNs: journal?.mtimeNs ?? 0n,
      recordedEndBytes: record ? recordedEnd(metainfo, record.pieces, file) : 0,
    });
    if (isOwn) owned.add(file);
    if (state === 'untouched') continue;
    const wasWhole = record !== undefined && isWhole(metainfo, record.pieces, file);
    if (state !== 'missing' && wasWhole) changed.add(file);
    for (const index of piecesOf(metainfo, file)) {
      if (state === 'missing') clearPiece(trusted, index);
      else if (state !== 'changed' || (record && hasPiece(record.pieces, index))) distrust(index);
    }
  }
  return { trusted, doubtful, owned, changed };
}

/** What is known of one file from earlier. */
interface StoredFile {
  readonly recorded: RecordedStamp | undefined;
  /** As the journal has it, which is newer. */
  readonly made: MadeFile | undefined;
  /** Where the last of its pieces in the journal ends, 0 if there is none, and when the journal was written. */
  readonly endBytes: number;
  readonly mtimeNs: bigint;
  /** Where the last of its pieces on record ends. */
  readonly recordedEndBytes: number;
}

/**
 * `changed`: what is on record of it is in doubt. `unknown`: it may hold anything. `isOwn`: it is the file that was left
 * there, as it was left.
 */
interface FileState {
  readonly state: 'untouched' | 'missing' | 'changed' | 'unknown';
  readonly isOwn: boolean;
}

function fileState(now: FileStamp | undefined, stored: StoredFile): FileState {
  const { recorded, made, endBytes, recordedEndBytes } = stored;
  if (!now || now.sizeBytes === 0) return { state: 'missing', isOwn: false };
  const known = made ?? recorded;
  const isAnother = known?.inode !== undefined && !isSameFile(known, now);
  if (isAnother) return { state: 'unknown', isOwn: false };
  const isSame = recorded !== undefined && isUnchanged(recorded, now);
  const isOwn = isSame || isOurWriting(now, stored, slowestNs);
  const wasWriting = isOurWriting(now, stored, journalSlackNs);
  const sizeWeLeft = Math.max(recorded?.sizeBytes ?? 0, wasWriting ? endBytes : 0);
  if (now.sizeBytes > sizeWeLeft) return { state: 'unknown', isOwn };
  const isCut = now.sizeBytes < Math.max(recorded?.sizeBytes ?? 0, recordedEndBytes);
  const isUntouched = recorded !== undefined && !isCut && (isSame || wasWriting);
  return { state: isUntouched ? 'untouched' : 'changed', isOwn };
}

/** Whether it may be we who wrote to it last, about to be stopped. */
function isOurWriting(
  now: FileStamp,
  { recorded, endBytes, mtimeNs }: StoredFile,
  withinNs: bigint,
): boolean {
  return (
    endBytes > 0 &&
    now.mtimeNs <= mtimeNs + withinNs &&
    now.ctimeNs <= mtimeNs + withinNs &&
    (!recorded || now.mtimeNs >= recorded.mtimeNs)
  );
}

function isWhole(metainfo: Metainfo, recorded: Uint8Array, file: MetainfoFile): boolean {
  for (const index of piecesOf(metainfo, file)) if (!hasPiece(recorded, index)) return false;
  return true;
}

/** Where in its file the last piece on record ends. */
function recordedEnd(metainfo: Metainfo, recorded: Uint8Array, file: MetainfoFile): number {
  const endBytes = file.offsetBytes + file.lengthBytes;
  const { pieceLengthBytes } = metainfo;
  for (let index = Math.ceil(endBytes / pieceLengthBytes) - 1; ; index--) {
    const pieceEndBytes = (index + 1) * pieceLengthBytes;
    if (pieceEndBytes <= file.offsetBytes) return 0;
    if (hasPiece(recorded, index)) return Math.min(pieceEndBytes, endBytes) - file.offsetBytes;
  }
}

/** Where in each file the last of these pieces ends. */
function endsOf(metainfo: Metainfo, pieces: ReadonlySet<number>): Map<MetainfoFile, number> {
  const ends = new Map<MetainfoFile, number>();
  for (const index of pieces) {
    const offsetBytes = index * metainfo.pieceLengthBytes;
    for (const span of spansOf(metainfo, offsetBytes, metainfo.pieceBytes(index))) {
      const endBytes = span.positionBytes + span.lengthBytes;
      ends.set(span.file, Math.max(ends.get(span.file) ?? 0, endBytes));
    }
  }
  return ends;
}
