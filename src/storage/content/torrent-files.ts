// One torrent's files as the shared pool sees them: opened when needed, and each remembered as it was found or made, so that
// no other file is ever written in its place. It knows files and spans; ranges of the torrent and closing time are
// torrent-storage's.
import { unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { type HelperError, toHelperError } from '../../errors.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { closeFile, readFully, writeFully } from '../disk/file-io.js';
import type { PooledFile } from '../disk/file-pool.js';
import { type FileStamp, isSameFile, stampOf } from '../disk/file-stamp.js';
import { lookAt } from '../disk/look-at.js';
import {
  changedSince,
  fileTooShort,
  otherDisk,
  readFailed,
  sharedFile,
  takenPlace,
  writeFailed,
} from '../disk/storage-errors.js';
import { withinFolder } from '../folders/folder-walk.js';
import { filePath, folderOf, type Span } from '../layout/file-layout.js';
import { ensureParent, type SeenFolders } from '../layout/file-status.js';
import type { FileStamps, FoundFiles, StorageRequest } from '../storage.js';
import type { ContentWatch } from '../watch/content-watch.js';
import type { Disk } from './disk.js';
import {
  createDownloaded,
  type DownloadedFile,
  openDownloaded,
  openPublished,
} from './open-file.js';
import { mustLieThere, UnsyncedFiles } from './unsynced-files.js';

export interface TorrentFilesOptions
  extends Pick<StorageRequest, 'metainfo' | 'contentPath' | 'role' | 'onUnreadable'> {
  readonly disk: Disk;
  /** Whether what is written to the file would change under names that somebody else gave it; the disk's rule if left out. */
  readonly isShared?: ((stamp: FileStamp) => boolean) | undefined;
  /** Looks at what is read. */
  readonly watch?: ContentWatch | undefined;
}

/** If a disk is pulled with a thousand files on it, nobody wants to read a thousand lines. */
const mostUnreadableTold = 10;
/** Looking and making are quick on a local disk, and take a round trip on a network's. */
const looksAtOnce = 4;

export class TorrentFiles {
  readonly #options: TorrentFilesOptions;
  readonly #readers = new Map<MetainfoFile, PooledFile>();
  readonly #writers = new Map<MetainfoFile, PooledFile>();
  /** Each file as it was found, made, or last synced: one that goes missing later is not made anew. */
  readonly #stamps = new Map<MetainfoFile, FileStamp>();
  /** Not to be written to: they were complete and somebody has changed them, or they have other names. */
  readonly #sealed = new Map<MetainfoFile, (path: string) => HelperError>();
  readonly #unsynced: UnsyncedFiles;
  /** Files made here that hold nothing verified yet. */
  readonly #unverified = new Set<MetainfoFile>();
  readonly #unreadable = new Set<MetainfoFile>();
  #hasWritten = false;
  /** What the folder of the content was on when a file was first made. */
  #device: bigint | undefined;

  constructor(options: TorrentFilesOptions) {
    this.#options = options;
    this.#unsynced = new UnsyncedFiles({
      contentPath: options.contentPath,
      handles: options.disk.handles,
      owner: this,
      writer: (file) => this.#writer(file),
      reader: (file) => this.#reader(file),
    });
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

  /**
   * Makes those of the files that were missing when one looked, empty. Resolves with their stamps. Rejects as `write`.
   */
  async make(files: Iterable<MetainfoFile>): Promise<FileStamps> {
    const missing = new Set<MetainfoFile>();
    for (const file of files) if (!file.isPadding && !this.#stamps.has(file)) missing.add(file);
    const made = new Map<MetainfoFile, FileStamp>();
    await forEachConcurrent(looksAtOnce, missing, async (file) => {
      await this.#writeTo(file, async () => {});
      const stamp = this.#stamps.get(file);
      if (stamp) made.set(file, stamp);
    });
    return made;
  }

  /**
   * Writes the bytes of the span, one part behind the other, and makes the file if need be. They stay only once
   * `markVerified` was called.
   */
  async write(span: Span, parts: readonly Uint8Array[]): Promise<void> {
    const { file, positionBytes, lengthBytes } = span;
    if (file.isPadding) return;
    const refusal = this.#sealed.get(file);
    if (refusal) return this.#mustHold(span, parts, refusal);
    await this.#writeTo(file, async (descriptor) => {
      try {
        await writeFully(descriptor, parts, positionBytes);
      } finally {
        this.#unsynced.wroteTo(file, positionBytes + lengthBytes);
      }
    });
  }

  /** Says that what was written to the file is good. */
  markVerified(file: MetainfoFile): void {
    this.#unverified.delete(file);
  }

  /** Says what was there before. */
  adopt({ stamps, unconfirmed, changed }: FoundFiles): void {
    for (const [file, stamp] of stamps) {
      this.#stamps.set(file, stamp);
      if (this.#isShared(stamp)) this.#sealed.set(file, sharedFile);
    }
    for (const file of changed) this.#sealed.set(file, changedSince);
    for (const file of unconfirmed) this.#unsynced.found(file);
  }

  /** Resolves, when all that was written before is safe, with the stamps of the files that were written to. */
  async sync(): Promise<FileStamps> {
    const stamps = await this.#unsynced.sync();
    for (const [file, stamp] of stamps) this.#stamps.set(file, stamp);
    return stamps;
  }

  async makeEmptyFiles(): Promise<void> {
    const empty = this.#options.metainfo.files.filter(({ lengthBytes }) => lengthBytes === 0);
    await this.make(empty);
    for (const file of empty) this.markVerified(file);
  }

  /** Rejects with a DISK_ code or DESTINATION_EXISTS unless each file lies whole at its path. */
  async mustBeThere(): Promise<void> {
    // What was found complete was looked at a moment ago.
    if (!this.#hasWritten) return;
    const { metainfo, contentPath, disk } = this.#options;
    const seen: SeenFolders = new Map();
    const real = metainfo.files.filter(({ isPadding }) => !isPadding);
    await forEachConcurrent(looksAtOnce, real, async (file) => {
      const stamp = await mustLieThere(contentPath, file, this.#stamps.get(file), seen);
      if (stamp.sizeBytes < file.lengthBytes) {
        throw fileTooShort(this.#path(file), file.lengthBytes);
      }
      disk.made.forget(stamp);
    });
  }

  /** Closes all handles; none may be in use. Never rejects. */
  async close(): Promise<void> {
    const { disk, contentPath } = this.#options;
    await disk.handles.closeOwned(this);
    await disk.folders.closeOwned(this);
    // What a failed first write left behind would be taken for somebody else's file at the next attempt.
    for (const file of this.#unverified) await this.#removeMade(file).catch(() => {});
    disk.writers.release(contentPath, this);
  }

  #path(file: MetainfoFile): string {
    return filePath(this.#options.contentPath, file);
  }

  async #read({ file, positionBytes }: Span, target: Uint8Array): Promise<void> {
    const { disk, watch } = this.#options;
    let count: number;
    try {
      count = await disk.handles.use(this.#reader(file), async (descriptor) => {
        const read = await readFully(descriptor, target, positionBytes);
        if (watch?.isDue(file) || read < target.length) await watch?.look(file, descriptor);
        return read;
      });
    } catch (error) {
      throw readFailed(this.#path(file), error);
    }
    if (count === target.length) return;
    if (watch?.isOn) throw watch.tooShort(file);
    throw fileTooShort(this.#path(file), positionBytes + target.length);
  }

  async #writeTo(file: MetainfoFile, task: (descriptor: number) => Promise<void>): Promise<void> {
    try {
      await this.#options.disk.handles.use(this.#writer(file), task);
      this.#hasWritten = true;
    } catch (error) {
      throw writeFailed(this.#path(file), error);
    }
  }

  /** What is to be written to a sealed file must be there already: a piece may reach into it from a file that is not whole. */
  async #mustHold(
    span: Span,
    parts: readonly Uint8Array[],
    refusal: (path: string) => HelperError,
  ): Promise<void> {
    const there = Buffer.alloc(span.lengthBytes);
    const path = this.#path(span.file);
    await this.#read(span, there).catch(() => {
      throw refusal(path);
    });
    if (!there.equals(Buffer.concat(parts))) throw refusal(path);
  }

  #tellUnreadable(file: MetainfoFile, error: HelperError): void {
    // Whoever watches tells of it.
    if (error.code === 'CONTENT_CHANGED') return;
    if (this.#unreadable.has(file) || this.#unreadable.size >= mostUnreadableTold) return;
    this.#unreadable.add(file);
    this.#options.onUnreadable?.(error);
  }

  #reader(file: MetainfoFile): PooledFile {
    const known = this.#readers.get(file);
    if (known) return known;
    const reader = { owner: this, open: () => this.#openForReading(file), closeFailed: () => {} };
    this.#readers.set(file, reader);
    return reader;
  }

  #writer(file: MetainfoFile): PooledFile {
    const known = this.#writers.get(file);
    if (known) return known;
    const writer = {
      owner: this,
      open: () => this.#openForWriting(file),
      closeFailed: (error: unknown) => this.#unsynced.closeFailed(file, error),
    };
    this.#writers.set(file, writer);
    return writer;
  }

  async #openForReading(file: MetainfoFile): Promise<number> {
    const { contentPath, role, watch } = this.#options;
    const { descriptor, stamp } =
      role === 'seed'
        ? await openPublished(contentPath, file)
        : await openDownloaded(this.#downloaded(file), 'read');
    watch?.opened(file, stamp);
    const known = watch?.isOn ? undefined : this.#stamps.get(file);
    if (known === undefined || isSameFile(stamp, known)) return descriptor;
    await closeFile(descriptor);
    throw takenPlace(this.#path(file));
  }

  async #openForWriting(file: MetainfoFile): Promise<number> {
    const { disk, contentPath } = this.#options;
    disk.writers.lock(contentPath, this);
    const known = this.#stamps.get(file);
    if (known === undefined) return this.#create(file);
    const { descriptor, stamp } = await openDownloaded(this.#downloaded(file), 'write');
    const refusal = isSameFile(stamp, known) ? this.#isShared(stamp) && sharedFile : takenPlace;
    if (!refusal) return descriptor;
    await closeFile(descriptor);
    throw refusal(this.#path(file));
  }

  async #create(file: MetainfoFile): Promise<number> {
    // With files of ours in it, the folder was there: if it is gone, its disk is, and another must not take its place.
    if (this.#stamps.size > 0) await this.#ensureDisk();
    const { descriptor, stamp } = await createDownloaded(this.#downloaded(file), (folder) =>
      this.#unsynced.nameMadeIn(folder),
    );
    this.#options.disk.made.add(stamp);
    this.#stamps.set(file, stamp);
    this.#unverified.add(file);
    this.#unsynced.wroteTo(file, 0);
    return descriptor;
  }

  async #ensureDisk(): Promise<void> {
    const { contentPath } = this.#options;
    const device = await ensureParent(contentPath);
    this.#device ??= device;
    if (device !== this.#device) throw otherDisk(contentPath);
  }

  #isShared(stamp: FileStamp): boolean {
    const { disk, isShared = disk.isShared } = this.#options;
    return isShared(stamp);
  }

  #downloaded(file: MetainfoFile): DownloadedFile {
    const { contentPath, disk } = this.#options;
    return { contentPath, file, folders: disk.folders, owner: this };
  }

  /** Unless another file has its place by now. */
  async #removeMade(file: MetainfoFile): Promise<void> {
    const { contentPath } = this.#options;
    const made = this.#stamps.get(file);
    await withinFolder(folderOf(contentPath, file), async (folder) => {
      const path = join(folder, basename(this.#path(file)));
      const there = await lookAt(path);
      if (made && there && isSameFile(stampOf(there), made)) await unlink(path);
    });
  }
}
