// What a thread is asked to do with many small files, one after the other, and what it tells: plain data. Types only.
import type { FileStamp } from '../disk/file-stamp.js';
import type { FolderPath } from '../folders/folder-walk.js';

/** A file, by its folder's number among those of its batch. */
export interface BatchedFile {
  readonly folder: number;
  readonly name: string;
}

/** One that is there, and which one it is. */
export interface KnownFile extends BatchedFile {
  readonly identity: Pick<FileStamp, 'device' | 'inode' | 'birthNs'>;
  /** Other names of it do not keep it from being written to. */
  readonly mayBeShared: boolean;
}

export interface WrittenPart extends KnownFile {
  readonly positionBytes: number;
  /** One behind the other. */
  readonly parts: readonly Uint8Array[];
}

export interface WrittenFile extends KnownFile {
  /** Where the last write to it ended. */
  readonly endBytes: number;
}

/** One that should be there, and whole. */
export interface WholeFile extends BatchedFile {
  readonly identity: KnownFile['identity'];
  readonly lengthBytes: number;
}

export type FileBatch = { readonly folders: readonly FolderPath[] } & (
  | {
      /** They are missing: makes them, empty, and the folders below the root that lead to them. Tells their stamps. */
      readonly kind: 'make';
      /** The disk that the torrent is on, where it has files already. */
      readonly device: bigint | undefined;
      readonly files: readonly BatchedFile[];
    }
  | { readonly kind: 'write'; readonly files: readonly WrittenPart[] }
  /** Has the disk confirm them, and looks whether they lie where they were written. Tells their stamps. */
  | { readonly kind: 'sync'; readonly files: readonly WrittenFile[] }
  /** Tells their stamps, and follows no link below the root. */
  | { readonly kind: 'look'; readonly files: readonly BatchedFile[] }
  /** Looks whether they lie there, whole. */
  | { readonly kind: 'whole'; readonly files: readonly WholeFile[] }
  /** Of published files: follows links. They can be read, and are long enough. Tells their stamps. */
  | {
      readonly kind: 'published';
      readonly files: readonly (BatchedFile & { lengthBytes: number })[];
    }
);

export interface BatchRequest {
  readonly batch: FileBatch;
  /** Those before it are done. */
  readonly from: number;
}

export interface BatchReport {
  /** So many files more are done. */
  readonly done: number;
  /** Of those, as `packStamp` lays them out; zeroes for what is not there. Empty where none were asked for. */
  readonly stamps: BigInt64Array<ArrayBuffer>;
  /** Folders in which names were made. */
  readonly namesMadeIn: readonly string[];
  /** Why the next is not done. Without it the thread was to go on to others. */
  readonly failure?: BatchFailure | undefined;
}

export interface BatchFailure {
  /** `system`: the code is the system's. */
  readonly of: 'system' | 'helper';
  readonly code: string;
  readonly message: string;
}
