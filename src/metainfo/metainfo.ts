// What a torrent is: the validated content of a .torrent file (BEP 3). Made by reading or by making, never by hand.
import type { ErrorCode } from '../errors.js';
import { type FileTable, filesIn, tableOf } from './file-table.js';

/** Of a SHA-1: of a piece's hash, of an info hash. */
export const sha1Bytes = 20;

/** One file of a torrent. */
export interface MetainfoFile {
  /** Names below the torrent's own folder; empty for a single-file torrent. */
  readonly path: readonly string[];
  readonly lengthBytes: number;
  /** Where the file begins in the torrent's one long run of bytes. */
  readonly offsetBytes: number;
  /** Only fills up a piece (BEP 47): zeroes that are nowhere on disk. */
  readonly isPadding?: boolean;
}

/** A symbolic link of a torrent (BEP 47). It leads to a file or a folder of the same torrent, and holds no bytes. */
export interface MetainfoLink {
  /** Names below the torrent's own folder. */
  readonly path: readonly string[];
  /** Where it leads, below the torrent's own folder too; at least one name. */
  readonly target: readonly string[];
}

/** What was read over or mended. To be told as a warning; `message` is a sentence about the torrent. */
export interface MetainfoRemark {
  readonly code: Extract<ErrorCode, 'METAINFO_FLAWED' | 'NAMES_MENDED' | 'LINKS_SKIPPED'>;
  readonly message: string;
}

export type MetainfoFields =
  | MetainfoData
  | (FieldsBesideFiles & { readonly files: readonly MetainfoFile[] });

/** What a Metainfo has as its own: what is left of it that was sent to another thread. */
export interface MetainfoData extends FieldsBesideFiles {
  readonly fileTable: FileTable;
}

interface FieldsBesideFiles {
  /** 40 lower-case hex digits: the SHA-1 of `info`. */
  readonly infoHash: string;
  readonly name: string;
  /** True when the content is a folder, even one with a single file. */
  readonly isFolder: boolean;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  /** The SHA-1 of every piece, 20 bytes each, one after the other. */
  readonly pieceHashes: Uint8Array;
  /** None where it is missing. */
  readonly links?: readonly MetainfoLink[] | undefined;
  readonly isPrivate: boolean;
  /** Announce URLs by tier (BEP 12). */
  readonly announce: readonly (readonly string[])[];
  /** The info dictionary as it stands in the file. */
  readonly info: Uint8Array;
  /** What names that are not UTF-8 were read in, where it stood beside the info dictionary. */
  readonly encoding?: string | undefined;
  /** None where it is missing; one a code. */
  readonly remarks?: readonly MetainfoRemark[] | undefined;
}

/**
 * An immutable, already validated torrent. It serialises as its summary, so that inspectors stay quick. Its own properties are
 * plain data, few whatever it holds: so it crosses between threads, and its files take memory where somebody asks for them.
 */
export class Metainfo implements MetainfoData {
  readonly infoHash: string;
  readonly name: string;
  readonly isFolder: boolean;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  readonly pieceHashes: Uint8Array;
  readonly fileTable: FileTable;
  readonly links: readonly MetainfoLink[];
  readonly isPrivate: boolean;
  readonly announce: readonly (readonly string[])[];
  readonly info: Uint8Array;
  readonly encoding: string | undefined;
  readonly remarks: readonly MetainfoRemark[];
  #files: readonly MetainfoFile[] | undefined;

  constructor(fields: MetainfoFields) {
    this.infoHash = fields.infoHash;
    this.name = fields.name;
    this.isFolder = fields.isFolder;
    this.lengthBytes = fields.lengthBytes;
    this.pieceLengthBytes = fields.pieceLengthBytes;
    this.pieceHashes = fields.pieceHashes;
    this.fileTable = 'files' in fields ? tableOf(fields.files) : fields.fileTable;
    this.links = fields.links ?? [];
    this.isPrivate = fields.isPrivate;
    this.announce = fields.announce;
    this.info = fields.info;
    this.encoding = fields.encoding;
    this.remarks = fields.remarks ?? [];
  }

  /** The same objects each time. */
  get files(): readonly MetainfoFile[] {
    this.#files ??= filesIn(this.fileTable);
    return this.#files;
  }

  get pieceCount(): number {
    return this.pieceHashes.length / sha1Bytes;
  }

  /** The bytes in piece `index`: all are alike but the last. */
  pieceBytes(index: number): number {
    return Math.min(this.pieceLengthBytes, this.lengthBytes - index * this.pieceLengthBytes);
  }

  /** Whether `hash`, the SHA-1 of some bytes, says that they are piece `index`. */
  isHashOf(index: number, hash: Uint8Array): boolean {
    const begin = index * sha1Bytes;
    return Buffer.compare(hash, this.pieceHashes.subarray(begin, begin + sha1Bytes)) === 0;
  }

  toJSON() {
    const { infoHash, name, lengthBytes, pieceCount, isPrivate } = this;
    return { infoHash, name, lengthBytes, pieceCount, isPrivate };
  }
}
