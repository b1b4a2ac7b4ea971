// What is written down of a download: which pieces were safe on disk, and how its files looked then. JSON that a
// person can read. Pure: bytes in, bytes out.
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  decodeVersioned,
  encodeCheckedList,
  FileFlaw,
  isFields,
  type JsonFields,
} from '../../files/versioned-json.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { RecordedStamp } from '../disk/file-stamp.js';
import { createBitfield, everyPiece } from '../layout/bitfield.js';

const version = 2;
/** It had neither checksum, inode nor ctime. Helpers of before still write it, and cannot read what is newer. */
const versionOfBefore = 1;

export interface ResumeData {
  /** A bitfield (BEP 3). Each of these was verified, written and synced before it was put down here. */
  readonly pieces: Uint8Array;
  /** The files that were there. */
  readonly stamps: RecordedStamps;
}

export type RecordedStamps = ReadonlyMap<MetainfoFile, RecordedStamp>;

/** Whose record it is. */
export interface ResumeSubject {
  readonly metainfo: Metainfo;
  readonly contentPath: string;
}

/** A part at a time, others are let through in between. `stamps` must stay as they are until it resolves. */
export async function encodeResumeData(
  subject: ResumeSubject,
  data: ResumeData,
  savedAt: Date,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const part of resumeDataParts(subject, data, savedAt)) {
    parts.push(part);
    if (parts.length > 1) await nextTurn();
  }
  return Buffer.concat(parts);
}

/** The bytes one behind the other, none of the parts the work of more than a moment. */
export function* resumeDataParts(
  { metainfo, contentPath }: ResumeSubject,
  { pieces, stamps }: ResumeData,
  savedAt: Date,
): Generator<Uint8Array> {
  const { infoHash, name, pieceCount } = metainfo;
  const fields = {
    infoHash,
    name,
    contentPath: resolve(contentPath),
    savedAt: savedAt.toISOString(),
    pieceCount,
    // Base64 of the bitfield.
    pieces: Buffer.from(pieces).toString('base64'),
  };
  // In the torrent's order; null for what was not there.
  const describe = (file: MetainfoFile) => describeFile(file, stamps.get(file));
  yield* encodeCheckedList(version, fields, { name: 'files', items: metainfo.files, describe });
}

/** Undefined if the bytes are anything but a whole record of this torrent at this place, as it was written. */
export function decodeResumeData(
  bytes: Uint8Array,
  { metainfo, contentPath }: ResumeSubject,
): ResumeData | undefined {
  const record = decode(bytes);
  if (!record) return undefined;
  const { infoHash, pieceCount } = metainfo;
  const isSubject =
    record.infoHash === infoHash &&
    record.contentPath === resolve(contentPath) &&
    record.pieceCount === pieceCount;
  if (!isSubject) return undefined;
  const pieces = parsePieces(record.pieces, pieceCount);
  const stamps = parseFiles(record.files, metainfo.files);
  return pieces && stamps && { pieces, stamps };
}

function describeFile(file: MetainfoFile, stamp: RecordedStamp | undefined) {
  if (!stamp) return null;
  const { sizeBytes, mtimeNs, ctimeNs, device, inode, birthNs } = stamp;
  return {
    // For people; the order is what counts.
    path: file.path.join('/'),
    sizeBytes: String(sizeBytes),
    mtimeNs: String(mtimeNs),
    ctimeNs: ctimeNs?.toString(),
    device: device?.toString(),
    inode: inode?.toString(),
    birthNs: birthNs?.toString(),
  };
}

function parsePieces(text: unknown, pieceCount: number): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return undefined;
  if (bytes.length !== createBitfield(pieceCount).length) return undefined;
  const possible = everyPiece(pieceCount);
  const isPossible = bytes.every((byte, nth) => (byte & ~(possible[nth] ?? 0)) === 0);
  return isPossible ? new Uint8Array(bytes) : undefined;
}

function parseFiles(found: unknown, files: readonly MetainfoFile[]): RecordedStamps | undefined {
  if (!Array.isArray(found) || found.length !== files.length) return undefined;
  const stamps = new Map<MetainfoFile, RecordedStamp>();
  for (const [nth, file] of files.entries()) {
    const described: unknown = found[nth];
    if (described === null) continue;
    const stamp = parseStamp(described, file);
    if (!stamp) return undefined;
    stamps.set(file, stamp);
  }
  return stamps;
}

function parseStamp(described: unknown, file: MetainfoFile): RecordedStamp | undefined {
  if (!isFields(described)) return undefined;
  const { sizeBytes, mtimeNs } = described;
  if (!isDecimal(sizeBytes) || !isDecimal(mtimeNs)) return undefined;
  if (sizeBytes.startsWith('-') || Number(sizeBytes) > file.lengthBytes) return undefined;
  return {
    sizeBytes: Number(sizeBytes),
    mtimeNs: BigInt(mtimeNs),
    ctimeNs: parseInteger(described.ctimeNs),
    device: parseInteger(described.device),
    inode: parseInteger(described.inode),
    birthNs: parseInteger(described.birthNs),
  };
}

function parseInteger(value: unknown): bigint | undefined {
  return isDecimal(value) ? BigInt(value) : undefined;
}

/** Files of before 1970 have negative times. */
function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && /^-?\d{1,30}$/.test(value);
}

function decode(bytes: Uint8Array): JsonFields | undefined {
  try {
    const record = decodeVersioned(bytes, versionOfBefore, version);
    const isUnchecked = record.version === version && record.checksum === undefined;
    return isUnchecked ? undefined : record;
  } catch (error) {
    if (error instanceof FileFlaw) return undefined;
    throw error;
  }
}
