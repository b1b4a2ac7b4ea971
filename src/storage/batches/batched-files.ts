// The files of a torrent as batches: each folder once, and each file by its name there. Neighbours lie beside each other.
import { basename } from 'node:path';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import type { FolderPath } from '../folders/folder-walk.js';
import { filePath, folderOf } from '../layout/file-layout.js';
import type { BatchedFile } from './file-batch.js';

/** Whoever has more asks again: a message of so many holds up nobody. */
const mostFiles = 256;

export interface Batched<T> {
  readonly folders: readonly FolderPath[];
  readonly files: readonly (BatchedFile & T)[];
}

/** `describe`: what is to be told of each, beside its place. */
export function batched<S, T>(
  contentPath: string,
  items: readonly S[],
  fileOf: (item: S) => MetainfoFile,
  describe: (item: S) => T,
): Batched<T> {
  const folders = new Map<string, number>();
  const paths: FolderPath[] = [];
  const files = items.map((item) => {
    const file = fileOf(item);
    const path = filePath(contentPath, file);
    const key = path.slice(0, path.length - basename(path).length);
    const known = folders.get(key);
    const folder = known ?? paths.length;
    if (known === undefined) {
      folders.set(key, folder);
      paths.push(folderOf(contentPath, file));
    }
    return { ...describe(item), folder, name: basename(path) };
  });
  return { folders: paths, files };
}

/** So many at a time. */
export function* inBatches<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < mostFiles) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
