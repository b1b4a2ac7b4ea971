// One torrent's files as the shared pool sees them: opened when needed, and remembered until what was written is safe.
// It knows files and spans; ranges of the torrent and closing time are the content store's.
import { constants } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { forEachConcurrent } from '../async/for-each-concurrent.js';
import { HelperError, systemCode, toHelperError } from '../errors.js';
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js';
import type { Disk } from './disk/disk.js';
import { openFile, readFully, syncFile, writeFully } from './disk/file-io.js';
import type { PooledFile } from './disk/file-pool.js';
import { fileTooShort, readFailed, writeFailed } from './disk/storage-errors.js';
import { filePath, type Span } from './layout/file-layout.js';
import { lookAtFile, lookForParent } from './layout/file-status.js';
import { openDownloaded, openForWriting, openPublished } from './open-file.js';

export interface ContentOptions {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly contentPath: string;
  /** `seed` only reads, and follows links; `download` writes too, and refuses links. */
  readonly role: 'seed' | 'download';
  readonly disk: Disk;
  /** A file could not be read: told once, and again only when it could be read in between. */
  readonly onUnreadable?: ((error: HelperError) => void) | undefined;
}

/** If a disk is pulled with a thousand files on it, nobody wants to read a thousand lines. */
const mostUnreadableTold = 10;

/** A sync blocks a thread of Node's four for as long as the disk likes; reads need the others. */
const syncLanes = 2;

const folderSyncRefusals = new Set<string | undefined>([
  'EACCES',
  'EINVAL',
  'EISDIR',
  'ENOSYS',
  'ENOTSUP',
  'EPERM',
]);

export class TorrentFiles {
  readonly #options: ContentOptions;
  readonly #readers = new Map<MetainfoFile, PooledFile>();
  readonly #writers = new Map<MetainfoFile, PooledFile>();
  /** Written since the last sync. */
  readonly #unsynced = new Set<MetainfoFile>();
  /** Folders in which names were made since the last sync. */
  readonly #unsyncedFolders = new Set<string>();
  /** Files made here that hold nothing kept yet. */
  readonly #unproven = new Set<MetainfoFile>();
  /** Files that were found, or hold something written here: if one is missing later, it is not made anew. */
  readonly #kept = new Set<MetainfoFile>();
  /** Found to be good, but who wrote them may not have waited for the disk. */
  readonly #unconfirmed = new Set<MetainfoFile>();
  readonly #unreadable = new Set<MetainfoFile>();
  #closeFailure: HelperError | undefined;
  #synced: Promise<void> = Promise.resolve();

  constructor(options: ContentOptions) {
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

  /** Writes the bytes of the span, one part behind the other, and makes the file if need be. They stay only once `keep` was called. */
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
  keep(file: MetainfoFile): void {
    this.#unproven.delete(file);
    this.#kept.add(file);
  }

  /** Says that these files were there before; those that are `unconfirmed` are synced with what is written. */
  adopt(found: Iterable<MetainfoFile>, unconfirmed: Iterable<MetainfoFile>): void {
    for (const file of found) this.#kept.add(file);
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
      (file) => file.lengthBytes === 0 && !file.isPadding && !this.#kept.has(file),
    );
    for (const file of missing) {
      if ((await lookAtFile(this.#options.contentPath, file)) === undefined) {
        await this.write({ file, positionBytes: 0, lengthBytes: 0 }, []);
      }
      this.keep(file);
    }
  }

  /** Closes all handles; none may be in use. Never rejects. */
  async close(): Promise<void> {
    const { disk, contentPath } = this.#options;
    await disk.handles.closeOwned(this);
    // What a failed first write left behind would be taken for somebody else's file at the next attempt.
    for (const file of this.#unproven) {
      await lookAtFile(contentPath, file)
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
    disk.writers.claim(contentPath, this);
    if (this.#kept.has(file)) return openForWriting(contentPath, file, undefined);
    // With files of ours in it, the folder was there: if it is gone, its disk is, and another must not take its place.
    if (this.#kept.size > 0) await lookForParent(contentPath);
    return openForWriting(contentPath, file, {
      nameMadeIn: (folder) => this.#unsyncedFolders.add(folder),
      fileMade: () => this.#unproven.add(file),
    });
  }

  async #syncAll(): Promise<void> {
    const files = [...this.#unsynced];
    const found = [...this.#unconfirmed].filter((file) => !this.#unsynced.has(file));
    const folders = [...this.#unsyncedFolders];
    this.#unsynced.clear();
    this.#unconfirmed.clear();
    this.#unsyncedFolders.clear();
    await forEachConcurrent(syncLanes, files, (file) =>
      this.#sync(this.#writer(file), this.#path(file)),
    );
    await forEachConcurrent(syncLanes, found, (file) => this.#syncFound(file));
    await forEachConcurrent(syncLanes, folders, (folder) => this.#syncDirectory(folder));
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
      // Not every file system can sync a folder, nor may one open every folder one may write to.
      if (!folderSyncRefusals.has(systemCode(error))) throw writeFailed(path, error);
    }
  }
}
