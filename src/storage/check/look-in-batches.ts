// Looks at many files of a torrent with one trip for hundreds of them, where there are threads for that.
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { isFilesExhausted } from '../../files/disk-error-code.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import type { BatchThreads } from '../batches/batch-threads.js';
import { fileBatch, inBatches } from '../batches/batched-files.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { readFailed } from '../disk/storage-errors.js';
import { filePath } from '../layout/file-layout.js';

/** Looking is quick on a local disk, and takes a round trip on a network's. */
const batchesAtOnce = 2;

export interface LookRequest {
  /** `look`: no link is followed below the torrent's folder. `published`: all are, and it must be whole and readable. */
  readonly kind: 'look' | 'published';
  readonly contentPath: string;
  readonly files: readonly MetainfoFile[];
  readonly threads: BatchThreads | undefined;
  readonly signal: AbortSignal;
  /** Not called for what is not there. */
  readonly onStamp: (file: MetainfoFile, stamp: FileStamp) => void;
}

/** Resolves with those that are left to be looked at one by one. Rejects with a HelperError that names the file, or as `onStamp` throws. */
export async function lookInBatches(request: LookRequest): Promise<readonly MetainfoFile[]> {
  const { kind, contentPath, files, threads, signal, onStamp } = request;
  if (!threads?.isWorthIt(files.length)) return files;
  const left: MetainfoFile[] = [];
  await forEachConcurrent(batchesAtOnce, inBatches(files), async (batch) => {
    signal.throwIfAborted();
    const places = batch.map((file) => ({ file, bytes: file.lengthBytes }));
    const found = await threads.run(fileBatch({ kind, contentPath, files: places }));
    const { done, stamps, failure } = found;
    for (const [nth, stamp] of stamps.entries()) {
      const file = batch[nth];
      if (file && stamp) onStamp(file, stamp);
    }
    const failed = batch[done];
    if (failure === undefined || failed === undefined) return;
    if (!isFilesExhausted(failure)) throw readFailed(filePath(contentPath, failed), failure);
    left.push(...batch.slice(done));
  });
  return left;
}
