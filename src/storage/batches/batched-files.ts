// The files of a torrent as batches: each folder once, and each file by its name there.
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { type FolderPath, pathOfFolder } from '../folders/folder-walk.js';
import { folderOf, nameOf } from '../layout/file-layout.js';
import { type BatchKind, type BatchMemory, type FileBatch, knownLength } from './file-batch.js';

/** Whoever has more asks again: a message of so many holds up nobody. */
export const mostBatchedFiles = 256;

export interface FileForBatch {
  readonly file: MetainfoFile;
  /** Where a write to it begins or ended, or how long it is. */
  readonly bytes: number;
  /** Which one it is. */
  readonly known?: FileStamp | undefined;
  /** Other names of it do not keep it from being written to. */
  readonly mayBeShared?: boolean;
}

export interface BatchContents {
  readonly kind: BatchKind;
  readonly contentPath: string;
  readonly files: readonly FileForBatch[];
  readonly device?: bigint | undefined;
  readonly content?: BatchMemory | undefined;
}

export function fileBatch(contents: BatchContents): FileBatch {
  const { kind, contentPath, files, device, content } = contents;
  const folders: FolderPath[] = [];
  const byPath = new Map<string, number>();
  const names: string[] = [];
  const numbers = new Uint32Array(files.length);
  const bytes = new Float64Array(files.length);
  const known = new BigInt64Array(knownLength * files.length);
  let last: MetainfoFile | undefined;
  for (const [nth, each] of files.entries()) {
    const { file } = each;
    if (last && isBeside(file, last)) numbers[nth] = numbers[nth - 1] ?? 0;
    else {
      const folder = folderOf(contentPath, file);
      const path = pathOfFolder(folder);
      const number = byPath.get(path) ?? folders.push(folder) - 1;
      byPath.set(path, number);
      numbers[nth] = number;
    }
    names.push(nameOf(contentPath, file));
    bytes[nth] = each.bytes;
    if (each.known) packKnown(each.known, each.mayBeShared === true, known, knownLength * nth);
    last = file;
  }
  const inOne = names.join('/');
  return { kind, device, content, folders, folderOf: numbers, names: inOne, bytes, known };
}

/** So many at a time. */
export function* inBatches<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < mostBatchedFiles) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** By file, what is to be written to it, one part behind the other, or filled. It must not change meanwhile. */
export function batchMemory(files: readonly (readonly Uint8Array[])[]): BatchMemory {
  const all = files.flat();
  const shared = sharedMemoryOf(all);
  const memory = shared ?? new SharedArrayBuffer(lengthOf(all));
  const copy = shared ? undefined : new Uint8Array(memory);
  const parts = new Float64Array(3 * all.length);
  let at = 0;
  let copiedBytes = 0;
  for (const [nth, each] of files.entries()) {
    for (const part of each) {
      parts.set([nth, copy ? copiedBytes : part.byteOffset, part.length], at);
      copy?.set(part, copiedBytes);
      copiedBytes += part.length;
      at += 3;
    }
  }
  return { memory, parts };
}

/** What was read for `targets`, which may lie in other memory. */
export function fillFrom({ memory, parts }: BatchMemory, targets: readonly Uint8Array[]): void {
  for (const [nth, target] of targets.entries()) {
    if (target.buffer === memory) return;
    const start = parts[3 * nth + 1] ?? 0;
    target.set(new Uint8Array(memory, start, target.length));
  }
}

/** Where all of it lies; undefined if it lies elsewhere: a message would take all of the memory that it is a part of. */
function sharedMemoryOf(parts: readonly Uint8Array[]): SharedArrayBuffer | undefined {
  const memory = parts[0]?.buffer;
  if (!(memory instanceof SharedArrayBuffer)) return undefined;
  return parts.every(({ buffer }) => buffer === memory) ? memory : undefined;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function isBeside({ path }: MetainfoFile, { path: other }: MetainfoFile): boolean {
  if (path.length !== other.length) return false;
  for (let depth = path.length - 2; depth >= 0; depth--) {
    if (path[depth] !== other[depth]) return false;
  }
  return true;
}

function packKnown(stamp: FileStamp, mayBeShared: boolean, into: BigInt64Array, at: number): void {
  into[at] = stamp.device;
  into[at + 1] = stamp.inode;
  into[at + 2] = stamp.birthNs;
  into[at + 3] = mayBeShared ? 1n : 0n;
}
