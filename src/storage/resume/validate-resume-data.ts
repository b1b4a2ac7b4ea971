// Which pieces of a download need not be read again, by what was stored of it and how the files look now. Pure.
//
// A piece on record was on disk when its files' stamps were taken; so it is there still if nobody but us wrote to them
// since, for we write a piece once. A stamp that is the same says so. One that has changed says so too, if the journal
// names a piece of that file, and the file is no younger than the journal: then it was us, about to be stopped.
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { FileStamps, KnownPieces } from '../check/check-files.js';
import { type FileStamp, isUnchanged, type RecordedStamp } from '../disk/file-stamp.js';
import { clearPiece, createBitfield, everyPiece, hasPiece, setPiece } from '../layout/bitfield.js';
import { piecesOf, spansOf } from '../layout/file-layout.js';
import type { StoredJournal } from './piece-journal.js';
import type { ResumeData } from './resume-data.js';

export interface StoredResumeData {
  readonly record?: ResumeData | undefined;
  /** `damaged`: there is one, but what it says cannot be told. */
  readonly journal?: StoredJournal | 'damaged' | undefined;
}

/** A piece is written so soon after it was put into the journal; some file systems count in steps of 2 s. */
const slackNs = 2_000_000_000n;

export function validateResumeData(
  metainfo: Metainfo,
  { record, journal }: StoredResumeData,
  stamps: FileStamps,
): KnownPieces {
  const isOurs = record !== undefined || journal !== undefined;
  if (!record || journal === 'damaged') {
    const { pieceCount } = metainfo;
    return { trusted: createBitfield(pieceCount), doubtful: everyPiece(pieceCount), isOurs };
  }
  const trusted = record.pieces.slice();
  const doubtful = createBitfield(metainfo.pieceCount);
  const distrust = (index: number) => {
    clearPiece(trusted, index);
    setPiece(doubtful, index);
  };
  for (const index of journal?.pieces ?? []) distrust(index);
  const journalledEnds = endsOf(metainfo, journal?.pieces ?? new Set());
  for (const file of metainfo.files) {
    if (file.isPadding) continue;
    const then = record.stamps.get(file);
    const now = stamps.get(file);
    const endBytes = journalledEnds.get(file) ?? 0;
    const state =
      now && now.sizeBytes < recordedEnd(metainfo, record.pieces, file)
        ? 'changed'
        : fileState(then, now, { endBytes, mtimeNs: journal?.mtimeNs ?? 0n });
    if (state === 'untouched') continue;
    for (const index of piecesOf(metainfo, file)) {
      if (state === 'missing') clearPiece(trusted, index);
      else if (state === 'unknown' || hasPiece(record.pieces, index)) distrust(index);
    }
  }
  return { trusted, doubtful, isOurs };
}

/** What the journal says of one file: where the last of its pieces there ends, 0 if it names none. */
interface Journalled {
  readonly endBytes: number;
  readonly mtimeNs: bigint;
}

/** `changed`: what is on record of it is in doubt. `unknown`: it may hold anything. */
function fileState(
  then: RecordedStamp | undefined,
  now: FileStamp | undefined,
  journal: Journalled,
): 'untouched' | 'missing' | 'changed' | 'unknown' {
  if (!now || now.sizeBytes === 0) return 'missing';
  const isOurWriting =
    journal.endBytes > 0 &&
    now.mtimeNs <= journal.mtimeNs + slackNs &&
    (!then || now.mtimeNs >= then.mtimeNs);
  const sizeWeLeft = Math.max(then?.sizeBytes ?? 0, isOurWriting ? journal.endBytes : 0);
  if (now.sizeBytes > sizeWeLeft) return 'unknown';
  if (!then || now.sizeBytes < then.sizeBytes) return 'changed';
  return isUnchanged(then, now) || isOurWriting ? 'untouched' : 'changed';
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
