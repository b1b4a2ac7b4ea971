// One torrent's files as the shared pool sees them: opened when needed, and remembered until what was written is safe. It knows
// files and spans; which file is whose is known-files', ranges of the torrent and closing time are torrent-storage's.
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { type HelperError, toHelperError } from '../../errors.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { inBatches } from '../batches/batched-files.js';
import { readFully, writeFully } from '../disk/file-io.js';
import type { PooledFile } from '../disk/file-pool.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { fileTooShort, readFailed, writeFailed } from '../disk/storage-errors.js';
import { filePath, type Span } from '../layout/file-layout.js';
import { makeLinks } from '../links/make-links.js';
import type { FileStamps, FoundFiles, StorageRequest } from '../storage.js';
import type { ContentWatch } from '../watch/content-watch.js';
import type { Disk } from './disk.js';
import { KnownFiles, type KnownFilesOptions, type Refusal } from './known-files.js';
import { openPublished } from './open-file.js';
import { SmallFileBatches, type SpanBytes, type SpanTarget } from './small-file-batches.js';
import { UnsyncedFiles } from './unsynced-files.js';

export interface TorrentFilesOptions
  extends Pick<StorageRequest, 'metainfo' | 'contentPath' | 'role' | 'onUnreadable'>,
    Partial<Pick<StorageRequest, 'onWarning'>>,
    Pick<KnownFilesOptions, 'isShared'> {
  readonly disk: Disk;
  /** Looks at what is read. */
  readonly watch?: ContentWatch | undefined;
}

/** If a disk is pulled with a thousand files on it, nobody wants to read a thousand lines. */
const mostUnreadableTold = 10;
/** It is quick on a local disk, and takes round trips on a network's. */
const makesAtOnce = 4;

export class TorrentFiles {
  readonly #options: TorrentFilesOptions;
  readonly #readers = new Map<MetainfoFile, PooledFile>();
  readonly #writers = new Map<MetainfoFile, PooledFile>();
  readonly #known: KnownFiles;
  readonly #small: SmallFileBatches;
  readonly #unsynced: UnsyncedFiles;
  readonly #unreadable = new Set<MetainfoFile>();
  #hasWritten = false;

  constructor(options: TorrentFilesOptions) {
    this.#options = options;
    const onNameMade = (folder: string) => this.#unsynced.nameMadeIn(folder);
    this.#known = new KnownFiles({ owner: this, onNameMade, ...options });
    const { contentPath, disk } = options;
    this.#small = new SmallFileBatches({
      contentPath,
      onNameMade,
      threads: disk.threads,
      known: this.#known,
    });
    this.#unsynced = new UnsyncedFiles({
      contentPath,
      small: this.#small,
      handles: disk.handles,
      folderSyncs: disk.folderSyncs,
      writer: (file) => this.#writer(file),
      reader: (file) => this.#reader(file),
    });
  }

  /**
   * Fills the targets with the bytes of the spans. Rejects if a file ends before them. `isAhead`: of more than somebody needs
   * now, so that it is not there is no news.
   */
  async read(items: readonly SpanTarget[], isAhead: boolean): Promise<void> {
    const real = items.filter(({ span }) => !span.file.isPadding);
    for (const { span, target } of items) if (span.file.isPadding) target.fill(0);
    for (const item of await this.#readSmall(real)) await this.#readOne(item, isAhead);
  }

  /** Resolves with what is left. */
  async #readSmall(items: readonly SpanTarget[]): Promise<readonly SpanTarget[]> {
    const { role, watch } = this.#options;
    const left: SpanTarget[] = [];
    for (const some of inBatches(items)) {
      const fileOf = ({ span }: SpanTarget) => span.file;
      const { batched, others } = this.#small.among(some, fileOf, 'through handles');
      const unread = await this.#small.read(batched, { isPublished: role === 'seed', watch });
      const read = batched.slice(0, batched.length - unread.length);
      for (const { span } of read) this.#unreadable.delete(span.file);
      left.push(...others, ...unread);
    }
    return left;
  }

  async #readOne({ span, target }: SpanTarget, isAhead: boolean): Promise<void> {
    try {
      await this.#read(span, target);
      if (!isAhead) this.#unreadable.delete(span.file);
    } catch (error) {
      if (!isAhead) this.#tellUnreadable(span.file, toHelperError(error));
      throw error;
    }
  }

  /**
   * Makes those of the files that were missing when one looked, empty. Resolves with their stamps. Rejects as `write`.
   */
  async make(files: Iterable<MetainfoFile>): Promise<FileStamps> {
    const missing = new Set<MetainfoFile>();
    for (const file of files) if (!file.isPadding && !this.#known.get(file)) missing.add(file);
    for (const some of inBatches(missing)) {
      const { batched } = this.#small.among(some, (file) => file);
      if (batched.length > 0) this.#lock();
      await this.#small.make(batched, (file) => this.#made(file));
    }
    const left = [...missing].filter((file) => !this.#known.get(file));
    await forEachConcurrent(makesAtOnce, left, (file) => this.#writeTo(file, async () => {}));
    const made = new Map<MetainfoFile, FileStamp>();
    for (const file of missing) {
      const stamp = this.#known.get(file);
      if (stamp) made.set(file, stamp);
    }
    return made;
  }

  /**
   * Writes the bytes of the spans, one part behind the other, and makes the files if need be. They stay only once
   * `markVerified` was called.
   */
  async write(items: readonly SpanBytes[]): Promise<void> {
    const isThere = ({ span: { file } }: SpanBytes) =>
      this.#known.get(file) !== undefined && !this.#known.refusalOf(file);
    for (const some of inBatches(items)) {
      const there = some.filter(isThere);
      const { batched, others } = this.#small.among(there, ({ span }) => span.file);
      const left = await this.#writeSmall(batched);
      const rest =
        there.length === some.length ? others : some.filter((item) => !batched.includes(item));
      for (const item of [...rest, ...left]) await this.#write(item);
    }
  }

  /** Resolves with what is left. */
  async #writeSmall(items: readonly SpanBytes[]): Promise<readonly SpanBytes[]> {
    if (items.length === 0) return items;
    this.#lock();
    return this.#small.write(items, ({ file, positionBytes, lengthBytes }) => {
      this.#hasWritten = true;
      this.#unsynced.wroteTo(file, positionBytes + lengthBytes);
    });
  }

  async #write({ span, parts }: SpanBytes): Promise<void> {
    const { file, positionBytes, lengthBytes } = span;
    if (file.isPadding) return;
    const refusal = this.#known.refusalOf(file);
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
    this.#known.markVerified(file);
  }

  /** What is read next is read of the files that lie at their paths then. */
  reopen(): void {
    this.#options.disk.handles.reopen(this.#readers.values());
  }

  /** Says what was there before. */
  adopt(found: FoundFiles): void {
    this.#known.adopt(found);
    for (const file of found.unconfirmed) this.#unsynced.found(file);
  }

  /** Resolves, when all that was written before is safe, with the stamps of the files that were written to. */
  async sync(): Promise<FileStamps> {
    const stamps = await this.#unsynced.sync();
    this.#known.synced(stamps);
    return stamps;
  }

  async makeEmptyFiles(): Promise<void> {
    const empty = this.#options.metainfo.files.filter(({ lengthBytes }) => lengthBytes === 0);
    await this.make(empty);
    for (const file of empty) this.markVerified(file);
  }

  /**
   * Rejects with a DISK_ code or DESTINATION_EXISTS unless each file lies whole at its path. `synced`: those that `sync` has
   * just seen there.
   */
  async mustBeThere(synced: FileStamps): Promise<void> {
    // What was found complete was looked at a moment ago.
    if (!this.#hasWritten) return;
    for (const some of inBatches(this.#options.metainfo.files)) {
      const real = some.filter(({ isPadding }) => !isPadding);
      const unseen = real.filter((file) => {
        const stamp = synced.get(file);
        return stamp === undefined || stamp.sizeBytes < file.lengthBytes;
      });
      if (unseen.length > 0) await this.#mustBeWhole(unseen);
      for (const file of real) this.#known.complete(file);
    }
  }

  async #mustBeWhole(files: readonly MetainfoFile[]): Promise<void> {
    const { batched, others } = this.#small.among(files, (file) => file);
    const left = await this.#small.mustBeThere(batched);
    await this.#known.mustBeThere([...others, ...left]);
  }

  /** To be called when all files are there. Rejects with a DISK_ code. */
  async makeLinks(): Promise<void> {
    const { metainfo, contentPath, onWarning } = this.#options;
    const warning = await makeLinks({ links: metainfo.links, contentPath });
    if (warning) onWarning?.(warning);
  }

  /** Closes all handles; none may be in use. Never rejects. */
  async close(): Promise<void> {
    const { disk, contentPath } = this.#options;
    await disk.handles.closeOwned(this);
    await disk.folders.closeOwned(this);
    await this.#known.removeUnverified();
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

  /** What is to be written to a file that refuses must be there already: a piece may reach into it from a file that is not whole. */
  async #mustHold(span: Span, parts: readonly Uint8Array[], refusal: Refusal): Promise<void> {
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
        : await this.#known.openForReading(file, watch?.isOn === true);
    watch?.opened(file, stamp);
    return descriptor;
  }

  async #openForWriting(file: MetainfoFile): Promise<number> {
    this.#lock();
    const isMade = this.#known.get(file) === undefined;
    const { descriptor } = await this.#known.openForWriting(file);
    if (isMade) this.#made(file);
    return descriptor;
  }

  /** It is new to the disk, whether something is written to it or not. */
  #made(file: MetainfoFile): void {
    this.#hasWritten = true;
    this.#unsynced.wroteTo(file, 0);
  }

  #lock(): void {
    const { disk, contentPath } = this.#options;
    disk.writers.lock(contentPath, this);
  }
}
