// Storage as an engine sees it: the files of its torrents, and what is remembered of them. Types only; open-storage.ts
// makes one.
import type { HelperError } from '../errors.js';
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js';
import type { FileStamp } from './disk/file-stamp.js';

/** What all torrents of one engine share of the disk. */
export interface Storage {
  /**
   * The files of one torrent, which are opened when they are needed. Rejects with the signal's reason; with DISK_FULL if
   * fewer than `leastFreeBytes` are free; and of a seed with a DISK_ code that names the first file which is missing, too
   * short, or may not be read.
   */
  open(request: StorageRequest): Promise<ResumableStorage>;
  /** When all that was opened is closed. */
  close(): void;
}

export interface StorageRequest {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly contentPath: string;
  /** `seed` only reads, and follows links; `download` writes too, refuses links, and is resumed. */
  readonly role: 'seed' | 'download';
  readonly signal: AbortSignal;
  readonly leastFreeBytes?: number | undefined;
  /** Of a seed: what its files' stamps came to before they were hashed. Others now: it is read again. */
  readonly stamps?: string | undefined;
  /** Of a download: all that lies there is read, whatever is remembered, and what was complete may be written to again. */
  readonly verify?: boolean | undefined;
  /** A file could not be read: told once, and again only when it could be read in between. */
  readonly onUnreadable?: ((error: HelperError) => void) | undefined;
  /** Hears of complete content that somebody else writes to. */
  readonly changes?: ContentChanges | undefined;
  /** Nothing can be remembered: the download goes on. */
  readonly onWarning: (error: HelperError) => void;
  /** What was written could not be made safe, or the disk fails otherwise. */
  readonly onFailure: (thrown: unknown) => void;
}

export interface ContentChanges {
  /** What was read of these bytes may be old. */
  onDoubted(offsetBytes: number, lengthBytes: number): void;
  /** These pieces are not what they were: none of their bytes is given out any more. */
  onWithdrawn(indices: readonly number[], error: HelperError): void;
  /** They are what they were before. */
  onRestored(indices: readonly number[]): void;
}

/** One torrent's files, together with what is remembered of them. */
export interface ResumableStorage {
  readonly content: TorrentStorage;
  /** Of a download. */
  readonly journal: WriteJournal | undefined;
  /**
   * Finds out what is there, once, reading no more than has to be read: nothing of a seed. Rejects with
   * DESTINATION_EXISTS or a DISK_ code that names the file, or with the signal's reason, at once.
   */
  check(signal: AbortSignal): Promise<CheckedPieces>;
  /** Everything is written: makes it safe on disk, and remembers so. Rejects with a DISK_ code. */
  complete(): Promise<void>;
  /**
   * Reads all complete content again, in the background. Resolves when it is what it was; rejects with CONTENT_CHANGED where
   * it is not, with a DISK_ code if it cannot be read, with CLOSED if the files are closed before.
   */
  verify(): Promise<void>;
  /** Somebody who was given a piece of complete content comes back for it: looks before more of it is read. */
  lookAgain(index: number): void;
  /** Looks whether pieces that were withdrawn are what they were before. */
  lookForLost(): void;
  /** To be called when no write is under way, nor will be. Remembers what is there, closes the files. Never rejects. */
  close(): Promise<void>;
}

export interface CheckedPieces {
  /** The pieces that are there, the most significant bit first (BEP 3). */
  readonly bitfield: Uint8Array;
  readonly verifiedBytes: number;
}

/** By file, those that there are. */
export type FileStamps = ReadonlyMap<MetainfoFile, FileStamp>;

export interface ByteRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface FoundFiles {
  /** Every file there is: one of them that goes missing is not made anew. */
  readonly stamps: FileStamps;
  /**
   * Something of them was read and found good, but nobody knows whether the disk has confirmed it: the next flush sees to
   * that.
   */
  readonly unconfirmed: Iterable<MetainfoFile>;
  /** They were complete, and somebody has changed them since: they are never written to. */
  readonly changed: Iterable<MetainfoFile>;
}

/** Hears of every piece that is written. */
export interface WriteJournal {
  /** The writes begin when this resolves, and soon, or they are named again. Rejects as they would. */
  writes(indices: readonly number[]): Promise<void>;
  /** They are written, and verified. None: what was written is not verified yet. */
  wrote(indices: readonly number[]): void;
}

/** All of it may be called at any time, many at once. Rejects with a DISK_ code, or CLOSED after `close`. */
export interface TorrentStorage {
  /** Fills `target` with the bytes at `offsetBytes` of the torrent. Rejects if a file is missing or too short. */
  readInto(offsetBytes: number, target: Uint8Array): Promise<void>;
  /** As `readInto`, of more than somebody needs now: that it fails is told to nobody else. */
  readAhead(offsetBytes: number, target: Uint8Array): Promise<void>;
  /**
   * Writes verified bytes, one part behind the other, which must not change meanwhile; for `download` only. Makes
   * folders and files as needed. Rejects with DISK_FULL, or with DESTINATION_EXISTS if a link or another download is in
   * the way; no file then stays behind that holds nothing but what failed.
   */
  write(offsetBytes: number, ...parts: readonly Uint8Array[]): Promise<void>;
  /** As `write`, but a file that holds nothing else does not stay, until its bytes are said to be verified. */
  writeUnverified(offsetBytes: number, ...parts: readonly Uint8Array[]): Promise<void>;
  markVerified(offsetBytes: number, lengthBytes: number): void;
  /** Makes the files of these ranges that were missing when one looked, empty, and gives their stamps. Rejects as `write`. */
  make(ranges: Iterable<ByteRange>): Promise<FileStamps>;
  /** What is read next is read of the files that lie at their paths then. */
  reopen(): void;
  /** Says what was there before. */
  adopt(found: FoundFiles): void;
  /**
   * Resolves when all that was written before survives a power cut (fsync), and lies where it was written, with the stamps
   * of the files written to. Rejects with DISK_GONE or DESTINATION_EXISTS if a path leads to no file, or another. Once it
   * rejected it always will: only a new check can tell what is there.
   */
  flush(): Promise<FileStamps>;
  /** Makes the torrent's empty files, then as `flush`, of every file, last its links: the download is complete. */
  complete(): Promise<FileStamps>;
  /** Lets what runs come to its end, closes the files. Never rejects; twice is once. */
  close(): Promise<void>;
}
