// What was written to a download and made in its folders, until the disk has confirmed it, and until it is seen to lie
// where it was written: a file that is open can be moved away, and its path given to another.
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { HelperError } from '../../errors.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { inBatches } from '../batches/batched-files.js';
import { syncAndStat } from '../disk/file-io.js';
import type { FilePool, PooledFile } from '../disk/file-pool.js';
import { type FileStamp, isSameFile, stampOf } from '../disk/file-stamp.js';
import { fileTooShort, noLongerThere, takenPlace, writeFailed } from '../disk/storage-errors.js';
import type { FolderSyncs } from '../folders/folder-syncs.js';
import { filePath } from '../layout/file-layout.js';
import { fileStatus, type SeenFolders } from '../layout/file-status.js';
import type { SmallFileBatches, WrittenEnd } from './small-file-batches.js';

export interface UnsyncedFilesOptions {
  readonly small: Pick<SmallFileBatches, 'among' | 'sync'>;
  readonly contentPath: string;
  readonly handles: FilePool;
  readonly folderSyncs: FolderSyncs;
  readonly writer: (file: MetainfoFile) => PooledFile;
  readonly reader: (file: MetainfoFile) => PooledFile;
}

/** A sync blocks a thread of Node's four for as long as the disk likes; reads need the others. */
const syncsAtOnce = 2;

export class UnsyncedFiles {
  readonly #options: UnsyncedFilesOptions;
  /** Where the last write to each ends. */
  #written = new Map<MetainfoFile, number>();
  #folders = new Set<string>();
  /** Found to be good, but who wrote them may not have waited for the disk. */
  #unconfirmed = new Set<MetainfoFile>();
  #closeFailure: HelperError | undefined;
  #synced: Promise<unknown> = Promise.resolve();

  constructor(options: UnsyncedFilesOptions) {
    this.#options = options;
  }

  wroteTo(file: MetainfoFile, endBytes: number): void {
    this.#written.set(file, Math.max(endBytes, this.#written.get(file) ?? 0));
  }

  nameMadeIn(folder: string): void {
    this.#folders.add(folder);
  }

  found(file: MetainfoFile): void {
    this.#unconfirmed.add(file);
  }

  /** Network file systems tell only now that there was no room for what they took. */
  closeFailed(file: MetainfoFile, error: unknown): void {
    this.#closeFailure ??= writeFailed(this.#path(file), error);
  }

  /**
   * Brings to the disk all that was written and made before, and tells the stamps of the files written to. Rejects with
   * DISK_GONE or DESTINATION_EXISTS where one of them is not the file at its path. Once it failed it always fails: the
   * system forgets what it could not write, and would call the next attempt a success.
   */
  sync(): Promise<Map<MetainfoFile, FileStamp>> {
    // One after the other: the second must not end while the first still works on what both promise.
    const synced = this.#synced.then(() => this.#syncAll());
    this.#synced = synced;
    return synced;
  }

  async #syncAll(): Promise<Map<MetainfoFile, FileStamp>> {
    const [written, unconfirmed, folders] = [this.#written, this.#unconfirmed, this.#folders];
    this.#written = new Map();
    this.#unconfirmed = new Set();
    this.#folders = new Set();
    const { folderSyncs } = this.#options;
    const stamps = new Map<MetainfoFile, FileStamp>();
    const seen: SeenFolders = new Map();
    const left = await this.#syncSmall(written, (file, stamp) => void stamps.set(file, stamp));
    await forEachConcurrent(syncsAtOnce, left, async ([file, endBytes]) => {
      const stamp = await this.#sync(this.#options.writer(file), this.#path(file));
      if (stamp.sizeBytes < endBytes) throw fileTooShort(this.#path(file), endBytes);
      await mustLieThere(this.#options.contentPath, file, stamp, seen);
      stamps.set(file, stamp);
    });
    await forEachConcurrent(syncsAtOnce, unconfirmed, async (file) => {
      if (!written.has(file)) await this.#syncFound(file);
    });
    await forEachConcurrent(syncsAtOnce, folders, (folder) => folderSyncs.sync(folder));
    if (this.#closeFailure) throw this.#closeFailure;
    return stamps;
  }

  /** Resolves with those that are left. */
  async #syncSmall(
    written: Iterable<WrittenEnd>,
    onSynced: (file: MetainfoFile, stamp: FileStamp) => void,
  ): Promise<readonly WrittenEnd[]> {
    const { small } = this.#options;
    const left: WrittenEnd[] = [];
    await forEachConcurrent(syncsAtOnce, inBatches(written), async (batch) => {
      const { batched, others } = small.among(batch, ([file]) => file);
      left.push(...others, ...(await small.sync(batched, onSynced)));
    });
    return left;
  }

  /** Through a descriptor that only reads, so that what is complete can be served from a read-only disk. */
  async #syncFound(file: MetainfoFile): Promise<void> {
    const { reader, writer } = this.#options;
    try {
      await this.#sync(reader(file), this.#path(file));
    } catch (error) {
      // Windows syncs only what it may write.
      if (!(error instanceof HelperError) || error.code !== 'DISK_DENIED') throw error;
      await this.#sync(writer(file), this.#path(file));
    }
  }

  async #sync(file: PooledFile, path: string): Promise<FileStamp> {
    try {
      return stampOf(await this.#options.handles.use(file, syncAndStat));
    } catch (error) {
      throw writeFailed(path, error);
    }
  }

  #path(file: MetainfoFile): string {
    return filePath(this.#options.contentPath, file);
  }
}

/**
 * Rejects with DISK_GONE if the file is not at its path any more, with DESTINATION_EXISTS if something else is; else resolves
 * with its stamp.
 */
export async function mustLieThere(
  contentPath: string,
  file: MetainfoFile,
  stamp: FileStamp | undefined,
  seen: SeenFolders,
): Promise<FileStamp> {
  const there = await fileStatus(contentPath, file, seen);
  if (there === undefined || stamp === undefined) throw noLongerThere(filePath(contentPath, file));
  if (!isSameFile(there, stamp)) throw takenPlace(filePath(contentPath, file));
  return there;
}
