// Reads pieces again that are in doubt, and hashes them: those first that somebody waits for, and the rest in order, in the
// background. Of all torrents of an engine one reads at a time, so that this takes little memory and leaves the disk to others.

import { createDeferred, type Deferred } from '../../async/deferred.js';
import type { ConcurrencyLimit } from '../../async/limit-concurrency.js';
import { HelperError } from '../../errors.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { createPieceChecker, type PieceChecker } from '../check/piece-checker.js';
import { spansOf } from '../layout/file-layout.js';
import type { PieceRun } from '../layout/present-pieces.js';
import type { TorrentStorage } from '../storage.js';
import type { Doubts } from './doubts.js';
import type { FileLooks } from './file-looks.js';

/** Then it is the next torrent's turn. */
const turnBytes = 64 * 2 ** 20;
/** What is being written to is left alone for so long, but for what somebody asks for. */
const restMs = 10_000;
/** The same, while its user waits to hear how it is: most often it was changed long before. */
const shortRestMs = 500;
/** News of a large file comes in so many parts, as some peers are told of each by hanging up. */
const newsEveryMs = 10_000;

export interface RecheckOptions {
  readonly metainfo: Metainfo;
  /** Gives whatever lies there, and looks at each file as it reads. */
  readonly content: Pick<TorrentStorage, 'readInto'>;
  readonly doubts: Doubts;
  readonly looks: FileLooks;
  /** Shared by all torrents. */
  readonly limit: ConcurrencyLimit;
  readonly onNews: (news: ReadonlyMap<number, boolean>) => void;
  /** Why nobody gets a piece. */
  readonly error: (index: number) => HelperError;
}

export class Recheck {
  readonly #options: RecheckOptions;
  readonly #over = new AbortController();
  /** In the check at hand. */
  readonly #changed = new Set<MetainfoFile>();
  /** By piece: whether it is good. */
  readonly #news = new Map<number, boolean>();
  #newsAtMs = Number.NEGATIVE_INFINITY;
  #isRunning = false;
  /** A file cannot be read: the background waits until somebody asks, or another stamp is seen. */
  #isStuck = false;
  #stuckBy: unknown;
  #notBeforeMs = 0;
  #restUntilMs = 0;
  #next = 0;
  #wakeUp: () => void = () => {};
  /** When nothing is in doubt any more, or cannot be decided. */
  #settled: Deferred<void> | undefined;

  constructor(options: RecheckOptions) {
    this.#options = options;
  }

  /** Somebody has written to a file: nothing is read before `tickMs` are over. */
  changed(file: MetainfoFile, tickMs: number): void {
    this.#changed.add(file);
    this.#isStuck = false;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, performance.now() + tickMs);
  }

  /** Something is in doubt, or somebody waits. */
  wake(): void {
    this.#wakeUp();
    if (this.#isRunning || this.#isOver) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** Tries what could not be read, too. Resolves when nothing is in doubt any more, rejects if something cannot be read, or is closed. */
  again(): Promise<void> {
    this.#isStuck = false;
    this.#restUntilMs = 0;
    this.#settled ??= createDeferred();
    const { promise } = this.#settled;
    this.wake();
    return promise;
  }

  close(): void {
    const closed = new HelperError('CLOSED', 'the files were closed; start the job again');
    this.#over.abort(closed);
    this.#wakeUp();
    this.#options.doubts.refuse({ first: 0, count: this.#options.metainfo.pieceCount }, closed);
    this.#settled?.reject(closed);
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { doubts, limit } = this.#options;
    while (!this.#isOver) {
      const isWanted = doubts.wanted !== undefined;
      if (!isWanted && (this.#isStuck || !doubts.hasDoubtful)) break;
      const startMs = Math.max(this.#notBeforeMs, isWanted ? 0 : this.#restUntilMs);
      const waitMs = startMs - performance.now();
      if (waitMs > 0) await this.#sleep(waitMs);
      else await limit(() => this.#takeTurn());
    }
    this.#isRunning = false;
    if (this.#isStuck) this.#settled?.reject(this.#stuckBy);
    else if (!this.#isOver) this.#settled?.resolve();
    this.#settled = undefined;
  }

  #sleep(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs).unref();
      this.#wakeUp = () => {
        clearTimeout(timer);
        this.#wakeUp = () => {};
        resolve();
      };
    });
  }

  async #takeTurn(): Promise<void> {
    const { metainfo, content, doubts } = this.#options;
    const checker = createPieceChecker(metainfo, content, this.#over.signal);
    let readBytes = 0;
    while (readBytes < turnBytes && !this.#isOver && performance.now() >= this.#notBeforeMs) {
      const isRest = this.#isStuck || performance.now() < this.#restUntilMs;
      const first = doubts.wanted ?? (isRest ? undefined : doubts.next(this.#next));
      if (first === undefined) break;
      const run = this.#runFrom(first, checker.piecesAtOnce);
      this.#next = run.first + run.count;
      readBytes += run.count * metainfo.pieceLengthBytes;
      if (this.#isWithin(first)) await this.#check(run, checker);
      else this.#decide(first, false);
    }
    this.#tellNews();
  }

  /** Neighbours in doubt that are there to be read; or one piece. */
  #runFrom(first: number, most: number): PieceRun {
    const { doubts } = this.#options;
    let count = 1;
    if (!this.#isWithin(first)) return { first, count };
    while (count < most && doubts.isDoubtful(first + count) && this.#isWithin(first + count)) {
      count += 1;
    }
    return { first, count };
  }

  async #check(run: PieceRun, checker: PieceChecker): Promise<void> {
    const { doubts, looks, error } = this.#options;
    const files = this.#filesOf(run);
    for (const file of files) looks.expire(file);
    this.#changed.clear();
    const found = new Map<number, boolean>();
    let failure: unknown;
    try {
      await checker.check(run, 0, (index, isGood) => void found.set(index, isGood));
    } catch (thrown) {
      failure = thrown;
    }
    if (this.#isOver) return;
    if (files.some((file) => this.#changed.has(file))) {
      this.#restUntilMs = performance.now() + (this.#settled ? shortRestMs : restMs);
      doubts.refuse(run, error(run.first));
    } else if (failure !== undefined) {
      this.#isStuck = true;
      this.#stuckBy = failure;
      doubts.refuse(run, failure);
    } else {
      this.#isStuck = false;
      for (const [index, isGood] of found) this.#decide(index, isGood);
    }
  }

  #decide(index: number, isGood: boolean): void {
    const { doubts, error } = this.#options;
    if (doubts.decide(index, isGood, error)) this.#news.set(index, isGood);
  }

  #tellNews(): void {
    const isLater = this.#options.doubts.hasDoubtful && !this.#isStuck;
    if (this.#news.size === 0 || this.#isOver) return;
    if (isLater && performance.now() - this.#newsAtMs < newsEveryMs) return;
    this.#newsAtMs = performance.now();
    const news = new Map(this.#news);
    this.#news.clear();
    this.#options.onNews(news);
  }

  /** Whether every byte of the piece lies in its files, by their sizes. */
  #isWithin(index: number): boolean {
    const { metainfo, looks } = this.#options;
    const spans = spansOf(metainfo, index * metainfo.pieceLengthBytes, metainfo.pieceBytes(index));
    return spans.every(
      ({ file, positionBytes, lengthBytes }) =>
        file.isPadding || positionBytes + lengthBytes <= looks.sizeOf(file),
    );
  }

  #filesOf({ first, count }: PieceRun): MetainfoFile[] {
    const { metainfo } = this.#options;
    const { pieceLengthBytes } = metainfo;
    const lengthBytes = (count - 1) * pieceLengthBytes + metainfo.pieceBytes(first + count - 1);
    return spansOf(metainfo, first * pieceLengthBytes, lengthBytes).flatMap(({ file }) =>
      file.isPadding ? [] : [file],
    );
  }
}
