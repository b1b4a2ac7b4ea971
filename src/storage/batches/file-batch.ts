// What a thread is asked to do with many small files, one after the other, and what it tells. Plain data, by the column: a message
// of an object a file costs more than what is done with the file.
import type { FileStamp } from '../disk/file-stamp.js';
import type { FolderPath } from '../folders/folder-walk.js';

export type BatchKind =
  /** They are missing: makes them, empty, and the folders below the root that lead to them. Tells their stamps. */
  | 'make'
  | 'write'
  /** Reads all that is asked for, and tells their stamps as they are afterwards. */
  | 'read'
  /** The same of published files: follows links. */
  | 'readPublished'
  /** Has the disk confirm them, and looks whether they lie where they were written. Tells their stamps. */
  | 'sync'
  /** Tells their stamps, and follows no link below the root. */
  | 'look'
  /** Looks whether they lie there, whole. */
  | 'whole'
  /** Of published files: follows links. They can be read, and are long enough. Tells their stamps. */
  | 'published';

export interface FileBatch {
  readonly kind: BatchKind;
  readonly folders: readonly FolderPath[];
  /** By file: its folder's number among those. */
  readonly folderOf: Uint32Array<ArrayBuffer>;
  /** One behind the other with a slash between: no name has one. */
  readonly names: string;
  /** By file: how long it is, where a write to it begins, or where the last one ended. */
  readonly bytes: Float64Array<ArrayBuffer>;
  /** By file, as `knownLength` says: which one it is; zeroes where any will do. */
  readonly known: BigInt64Array<ArrayBuffer>;
  /** Of what is made: the disk that the torrent is on, where it has files already. */
  readonly device?: bigint | undefined;
  /** Of what is written or read. */
  readonly content?: BatchMemory | undefined;
}

/** Device, inode, birth, and 1 where other names of the file do not keep it from being written to. */
export const knownLength = 4;

export type KnownIdentity = Pick<FileStamp, 'device' | 'inode' | 'birthNs'>;

/** Parts of memory, in the order of the files, and by file one behind the other. */
export interface BatchMemory {
  readonly memory: SharedArrayBuffer;
  /** By part: which file's, where it begins in memory, and how long it is. */
  readonly parts: Float64Array<ArrayBuffer>;
}

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
