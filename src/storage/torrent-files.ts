// One torrent's files as the shared pool sees them: opened when needed, and remembered until what was written is safe.
// It knows files and spans; ranges of the torrent and closing time are torrent-storage's.
import { constants } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { forEachConcurrent } from '../async/for-each-concurrent.js';
import { HelperError, toHelperError } from '../errors.js';
import { cannotSyncDirectory } from '../files/sync-directory.js';
import type { MetainfoFile } from '../metainfo/metainfo.js';
import type { Disk } from './disk/disk.js';
import { openFile, readFully, syncFile, writeFully } from './disk/file-io.js';
import type { PooledFile } from './disk/file-pool.js';
import { fileTooShort, readFailed, writeFailed } from './disk/storage-errors.js';
import { filePath, type Span } from './layout/file-layout.js';
import { ensureParent, fileStatus } from './layout/file-status.js';
import { openDownloaded, openForWriting, openPublished } from './open-file.js';
import type { StorageRequest } from './storage.js';

export interface TorrentFilesOptions
  extends Pick<StorageRequest, 'metainfo' | 'contentPath' | 'role' | 'onUnreadable'> {
  readonly disk: Disk;
}

/** If a disk is pulled with a thousand files on it, nobody wants to read a thousand lines. */
const mostUnreadableTold = 10;

/** A sync blocks a thread of Node's four for as long as the disk likes; reads need the others. */
const syncsAtOnce = 2;

export class TorrentFiles {
  readonly #options: TorrentFilesOptions;
  readonly #readers = new Map<MetainfoFile, PooledFile>();
  readonly #writers = new Map<MetainfoFile, PooledFile>();
  /** Written since the last sync. */
  readonly #unsynced = new Set<MetainfoFile>();
  /** Folders in which names were made since the last sync. */
  readonly #unsyncedFolders = new Set<string>();
  /** Files made here that hold nothing verified yet. */
  readonly #unverified = new Set<MetainfoFile>();
  /** Files that were found, or hold something written here: if one is missing later, it is not made anew. */
  readonly #present = new Set<MetainfoFile>();
  /** Found to be good, but who wrote them may not have waited for the disk. */
  readonly #unconfirmed = new Set<MetainfoFile>();
  readonly #unreadable = new Set<MetainfoFile>();
  #closeFailure: HelperError | undefined;
  #synced: Promise<void> = Promise.resolve();

  constructor(options: TorrentFilesOptions) {
    this.#options = options;
  }

  /** Fills `target` with the bytes of the span. Rejects if the file ends before it. */
  async read(span: Span, target: Uint8Array): Promise<void> {
    try {
      await this.readAhead(span, target);
      this.#unreadable.delete(span.file);
    } catch (error) {
      this.#tellUnreadable(span.file, toHelperError(error));
      throw error;
    }
  }

  /** As `read`, of more than somebody needs now: that it is not there is no news. */
  async readAhead(span: Span, target: Uint8Array): Promise<void> {
    if (span.file.isPadding) target.fill(0);
    else await this.#read(span, target);
  }

  /** Writes the bytes of the span, one part behind the other, and makes the file if need be. They stay only once `markVerified` was called. */
  async write(span: Span, parts: readonly Uint8Array[]): Promise<void> {
    const { file, positionBytes } = span;
    if (file.isPadding) return;
    try {
      await this.#options.disk.handles.use(this.#writer(file), async (descriptor) => {
        try {
          await writeFully(descriptor, parts, positionBytes);
        } finally {
          this.#unsynced.add(file);
        }
      });
    } catch (error) {
      throw writeFailed(this.#path(file), error);
    }
  }

  /** Says that what was written to the file is good. */
  markVerified(file: MetainfoFile): void {
    this.#unverified.delete(file);
    this.#present.add(file);
  }

  /** Says that these files were there before; those that are `unconfirmed` are synced with what is written. */
  adopt(found: Iterable<MetainfoFile>, unconfirmed: Iterable<MetainfoFile>): void {
    for (const file of found) this.#present.add(file);
    for (const file of unconfirmed) this.#unconfirmed.add(file);
  }

  /**
   * Brings to the disk all that was written and made before. Once it failed it always fails: the system forgets what
   * it could not write, and would call the next attempt a success.
   */
  sync(): Promise<void> {
    // One after the other: the second must not end while the first still works on what both promise.
    this.#synced = this.#synced.then(() => this.#syncAll());
    return this.#synced;
  }

  async makeEmptyFiles(): Promise<void> {
    const { metainfo } = this.#options;
    const missing = metainfo.files.filter(
      (file) => file.lengthBytes === 0 && !file.isPadding && !this.#present.has(file),
    );
    for (const file of missing) {
      if ((await fileStatus(this.#options.contentPath, file)) === undefined) {
        await this.write({ file, positionBytes: 0, lengthBytes: 0 }, []);
      }
      this.markVerified(file);
    }
  }

  /** Closes all handles; none may be in use. Never rejects. */
  async close(): Promise<void> {
    const { disk, contentPath } = this.#options;
    await disk.handles.closeOwned(this);
    // What a failed first write left behind would be taken for somebody else's file at the next attempt.
    for (const file of this.#unverified) {
      await fileStatus(contentPath, file)
        .then(() => unlink(this.#path(file)))
        .catch(() => {});
    }
    disk.writers.release(contentPath, this);
  }

  #path(file: MetainfoFile): string {
    return filePath(this.#options.contentPath, file);
  }

  async #read({ file, positionBytes }: Span, target: Uint8Array): Promise<void> {
    let count: number;
    try {
      count = await this.#options.disk.handles.use(this.#reader(file), (descriptor) =>
        readFully(descriptor, target, positionBytes),
      );
    } catch (error) {
      throw readFailed(this.#path(file), error);
    }
    if (count < target.length) throw fileTooShort(this.#path(file), positionBytes + target.length);
  }

  #tellUnreadable(file: MetainfoFile, error: HelperError): void {
    if (this.#unreadable.has(file) || this.#unreadable.size >= mostUnreadableTold) return;
    this.#unreadable.add(file);
    this.#options.onUnreadable?.(error);
  }

  #reader(file: MetainfoFile): PooledFile {
    const known = this.#readers.get(file);
    if (known) return known;
    const { contentPath, role } = this.#options;
    const open = role === 'seed' ? openPublished : openDownloaded;
    const reader = { owner: this, open: () => open(contentPath, file), closeFailed: () => {} };
    this.#readers.set(file, reader);
    return reader;
  }

  #writer(file: MetainfoFile): PooledFile {
    const known = this.#writers.get(file);
    if (known) return known;
    const writer = {
      owner: this,
      open: () => this.#openForWriting(file),
      // Network file systems tell only now that there was no room for what they took.
      closeFailed: (error: unknown) => {
        this.#closeFailure ??= writeFailed(this.#path(file), error);
      },
    };
    this.#writers.set(file, writer);
    return writer;
  }

  async #openForWriting(file: MetainfoFile): Promise<number> {
    const { disk, contentPath } = this.#options;
    disk.writers.lock(contentPath, this);
    if (this.#present.has(file)) return openForWriting(contentPath, file, undefined);
    // With files of ours in it, the folder was there: if it is gone, its disk is, and another must not take its place.
    if (this.#present.size > 0) await ensureParent(contentPath);
    return openForWriting(contentPath, file, {
      nameMadeIn: (folder) => this.#unsyncedFolders.add(folder),
      fileMade: () => this.#unverified.add(file),
    });
  }

  async #syncAll(): Promise<void> {
    const files = [...this.#unsynced];
    const found = [...this.#unconfirmed].filter((file) => !this.#unsynced.has(file));
    const folders = [...this.#unsyncedFolders];
    this.#unsynced.clear();
    this.#unconfirmed.clear();
    this.#unsyncedFolders.clear();
    await forEachConcurrent(syncsAtOnce, files, (file) =>
      this.#sync(this.#writer(file), this.#path(file)),
    );
    await forEachConcurrent(syncsAtOnce, found, (file) => this.#syncFound(file));
    await forEachConcurrent(syncsAtOnce, folders, (folder) => this.#syncDirectory(folder));
    if (this.#closeFailure) throw this.#closeFailure;
  }

  /** Through a descriptor that only reads, so that what is complete can be served from a read-only disk. */
  async #syncFound(file: MetainfoFile): Promise<void> {
    try {
      await this.#sync(this.#reader(file), this.#path(file));
    } catch (error) {
      // Windows syncs only what it may write.
      if (!(error instanceof HelperError) || error.code !== 'DISK_DENIED') throw error;
      await this.#sync(this.#writer(file), this.#path(file));
    }
  }

  async #sync(file: PooledFile, path: string): Promise<void> {
    try {
      await this.#options.disk.handles.use(file, syncFile);
    } catch (error) {
      throw writeFailed(path, error);
    }
  }

  async #syncDirectory(path: string): Promise<void> {
    const folder = {
      owner: this,
      open: () => openFile(path, constants.O_RDONLY),
      closeFailed: () => {},
    };
    try {
      await this.#options.disk.handles.use(folder, syncFile);
    } catch (error) {
      if (!cannotSyncDirectory(error)) throw writeFailed(path, error);
    }
  }
}
