// The small files of a download, many in one trip to a thread: made, written, synced, looked at. What is not worth that, and
// what the thread has no descriptor left for, is left to whoever does it a file at a time.
import { systemCode } from '../../errors.js';
import { isFilesExhausted } from '../../files/disk-error-code.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { type BatchResult, type BatchThreads, mostBatchedBytes } from '../batches/batch-threads.js';
import { batchMemory, type FileForBatch, fileBatch, fillFrom } from '../batches/batched-files.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { noLongerThere, readFailed, writeFailed } from '../disk/storage-errors.js';
import type { OnNameMade } from '../folders/folder-walk.js';
import { filePath, type Span } from '../layout/file-layout.js';
import type { ContentWatch } from '../watch/content-watch.js';
import type { KnownFiles } from './known-files.js';

export interface SmallFileBatchesOptions {
  readonly contentPath: string;
  readonly threads: BatchThreads;
  readonly known: KnownFiles;
  readonly onNameMade: OnNameMade;
}

interface Amongst<T> {
  readonly batched: readonly T[];
  readonly others: readonly T[];
}

/** Bytes for a part of one file, one part behind the other. */
export interface SpanBytes {
  readonly span: Span;
  readonly parts: readonly Uint8Array[];
}

/** Where the bytes of a part of one file go. */
export interface SpanTarget {
  readonly span: Span;
  readonly target: Uint8Array;
}

interface ReadOptions {
  /** Links are followed. */
  readonly isPublished: boolean;
  readonly watch: Pick<ContentWatch, 'isOn' | 'beginLook'> | undefined;
}

/** Of a file, and where the last write to it ended. */
export type WrittenEnd = readonly [file: MetainfoFile, endBytes: number];

export class SmallFileBatches {
  readonly #options: SmallFileBatchesOptions;

  constructor(options: SmallFileBatchesOptions) {
    this.#options = options;
  }

  /**
   * Which of these, a batch at most, are to be given to the other methods. `alone`: where that takes them one by one, they go
   * through handles that are open already.
   */
  among<T>(
    items: readonly T[],
    fileOf: (item: T) => MetainfoFile,
    alone: 'through handles' | 'with those of others' = 'with those of others',
  ): Amongst<T> {
    const { threads } = this.#options;
    const isSmall = (item: T) => fileOf(item).lengthBytes <= mostBatchedBytes;
    const batched = items.filter(isSmall);
    const isWorthIt =
      alone === 'through handles'
        ? threads.isWorthIt(batched.length)
        : threads.isWorthItTogether(batched.length);
    if (!isWorthIt) return { batched: [], others: items };
    return { batched, others: items.filter((item) => !isSmall(item)) };
  }

  /** Those that were missing. `known` has them then, but for what is left. Rejects with a DISK_ code or DESTINATION_EXISTS. */
  async make(files: readonly MetainfoFile[], onMade: (file: MetainfoFile) => void): Promise<void> {
    const { contentPath, threads, known, onNameMade } = this.#options;
    const { device } = known;
    const places = files.map((file) => ({ file, bytes: 0 }));
    const batch = fileBatch({ kind: 'make', contentPath, files: places, device });
    const made = await threads.run(batch);
    for (const folder of made.namesMadeIn) onNameMade(folder);
    this.#eachStamp(files, made, (file, stamp) => {
      known.made(file, stamp);
      onMade(file);
    });
    // Where whatever leads to the folder is missing, too, that is left.
    if (systemCode(made.failure) !== 'ENOENT') this.#left(files, made, itself, writeFailed);
  }

  /** `onWritten` hears of each that was written to, in part or whole. Resolves with what is left. Rejects as `make`. */
  async write(
    items: readonly SpanBytes[],
    onWritten: (span: Span) => void,
  ): Promise<readonly SpanBytes[]> {
    const { contentPath, threads } = this.#options;
    const files = items.map(({ span }) => this.#known(span.file, span.positionBytes));
    const content = batchMemory(items.map(({ parts }) => parts));
    const written = await threads.run(fileBatch({ kind: 'write', contentPath, files, content }));
    const touched = written.failure === undefined ? written.done : written.done + 1;
    for (const { span } of items.slice(0, touched)) onWritten(span);
    return this.#left(items, written, fileOfSpan, writeFailed);
  }

  /** Resolves with what is left: all from the first on that cannot be read whole, or is not what it was. Never rejects. */
  async read(items: readonly SpanTarget[], options: ReadOptions): Promise<readonly SpanTarget[]> {
    const { contentPath, threads, known } = this.#options;
    const { isPublished, watch } = options;
    const isAny = isPublished || watch?.isOn === true;
    const files = items.map(({ span: { file, positionBytes } }) => ({
      file,
      bytes: positionBytes,
      known: isAny ? undefined : known.get(file),
    }));
    const targets = items.map(({ target }) => target);
    const content = batchMemory(targets.map((target) => [target]));
    const looks = items.map(({ span }) => watch?.beginLook(span.file));
    const kind = isPublished ? 'readPublished' : 'read';
    const { done, stamps } = await threads.run(fileBatch({ kind, contentPath, files, content }));
    for (const [nth, stamp] of stamps.entries()) if (stamp) looks[nth]?.(stamp);
    fillFrom(content, targets.slice(0, done));
    return items.slice(done);
  }

  /** Resolves with those that are left. `onSynced` hears of the others. Rejects as `make`. */
  async sync(
    files: readonly WrittenEnd[],
    onSynced: (file: MetainfoFile, stamp: FileStamp) => void,
  ): Promise<readonly WrittenEnd[]> {
    const { contentPath, threads } = this.#options;
    const places = files.map(([file, endBytes]) => this.#known(file, endBytes));
    const synced = await threads.run(fileBatch({ kind: 'sync', contentPath, files: places }));
    this.#eachStamp(files, synced, ([file], stamp) => onSynced(file, stamp));
    return this.#left(files, synced, fileOfEnd, writeFailed);
  }

  /** Each must lie whole at its path. Resolves with those that are left to be looked at. Rejects as `make`. */
  async mustBeThere(files: readonly MetainfoFile[]): Promise<readonly MetainfoFile[]> {
    const { contentPath, threads } = this.#options;
    const places = files.map((file) => this.#known(file, file.lengthBytes));
    const found = await threads.run(fileBatch({ kind: 'whole', contentPath, files: places }));
    return this.#left(files, found, itself, readFailed);
  }

  #known(file: MetainfoFile, bytes: number): FileForBatch {
    const { known, contentPath } = this.#options;
    const stamp = known.get(file);
    if (stamp === undefined) throw noLongerThere(filePath(contentPath, file));
    return { file, bytes, known: stamp, mayBeShared: known.mayBeShared(stamp) };
  }

  #eachStamp<T>(
    items: readonly T[],
    { stamps }: BatchResult,
    task: (item: T, stamp: FileStamp) => void,
  ): void {
    for (const [nth, stamp] of stamps.entries()) {
      const item = items[nth];
      if (item !== undefined && stamp !== undefined) task(item, stamp);
    }
  }

  #left<T>(
    items: readonly T[],
    { done, failure }: BatchResult,
    fileOf: (item: T) => MetainfoFile,
    failed: typeof writeFailed,
  ): readonly T[] {
    const next = items[done];
    if (failure === undefined || next === undefined) return [];
    if (isFilesExhausted(failure)) return items.slice(done);
    throw failed(filePath(this.#options.contentPath, fileOf(next)), failure);
  }
}

const itself = (file: MetainfoFile) => file;
const fileOfSpan = ({ span }: SpanBytes) => span.file;
const fileOfEnd = ([file]: WrittenEnd) => file;
