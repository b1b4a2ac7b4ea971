// Looks whether content that is only to be seeded is still there, and long enough, without reading it.
import { access, constants, stat } from 'node:fs';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { BatchThreads } from '../batches/batch-threads.js';
import { type FileStamp, stampOf } from '../disk/file-stamp.js';
import { fileTooShort, noRegularFile, readFailed } from '../disk/storage-errors.js';
import { filePath } from '../layout/file-layout.js';
import type { FileStamps } from '../storage.js';
import { lookInBatches } from './look-in-batches.js';

const looksAtOnce = 4;

/** Resolves with the stamps of the files. Rejects with a DISK_ code that names the first file which is missing, too short, or may not be read. */
export async function checkPublished(
  metainfo: Metainfo,
  contentPath: string,
  signal: AbortSignal,
  threads?: BatchThreads,
): Promise<FileStamps> {
  const stamps = new Map<MetainfoFile, FileStamp>();
  const onStamp = (file: MetainfoFile, stamp: FileStamp) => void stamps.set(file, stamp);
  const files = metainfo.files.filter((file) => !file.isPadding);
  const request = { contentPath, files, threads, signal, onStamp };
  const left = await lookInBatches({ kind: 'published', ...request });
  await forEachConcurrent(looksAtOnce, left, async (file) => {
    signal.throwIfAborted();
    const path = filePath(contentPath, file);
    onStamp(file, await stampOfPublished(path, file.lengthBytes));
  });
  return stamps;
}

/** By callbacks: promises would cost more than the looks, and thousands of torrents may come at once. */
function stampOfPublished(path: string, leastBytes: number): Promise<FileStamp> {
  return new Promise((resolve, reject) => {
    stat(path, { bigint: true }, (error, stats) => {
      if (error) return reject(readFailed(path, error));
      if (!stats.isFile()) return reject(noRegularFile(path));
      const stamp = stampOf(stats);
      if (stamp.sizeBytes < leastBytes) return reject(fileTooShort(path, leastBytes));
      access(path, constants.R_OK, (denied) =>
        denied ? reject(readFailed(path, denied)) : resolve(stamp),
      );
    });
  });
}
