// Complete content, which is never written again: notices when somebody else writes to it, has what may have changed read
// again before anybody gets it, and tells which pieces are not what they were.
import type { ConcurrencyLimit } from '../../async/limit-concurrency.js';
import { HelperError } from '../../errors.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { filePath, piecesOf, spansOf } from '../layout/file-layout.js';
import type { PieceRun } from '../layout/present-pieces.js';
import type { FileStamps, StorageRequest, TorrentStorage } from '../storage.js';
import { Doubts } from './doubts.js';
import { FileLooks } from './file-looks.js';
import { Recheck } from './recheck.js';

/** The clock behind timestamps ticks: who writes twice within one tick leaves one stamp, so one reads after the tick. */
const fineTickMs = 50;
/** FAT has the longest. */
const coarseTickMs = 2_000;
const secondNs = 1_000_000_000n;
/** Whoever waits longer takes up memory that others need, and may ask again. */
const mostWaitMs = 5_000;
/** What peers ask again for is hashed again even where no stamp has changed, but not more often, nor more in that time. */
const suspicionEveryMs = 1_000;
const suspicionBytes = 16 * 2 ** 20;
const mostLostLooks = 1_000;

export interface ContentWatchOptions
  extends Pick<StorageRequest, 'metainfo' | 'contentPath' | 'role' | 'changes'> {
  /** Shared by all torrents. */
  readonly limit: ConcurrencyLimit;
  /** For when to look. */
  readonly nowMs?: (() => number) | undefined;
}

interface Watching {
  readonly content: TorrentStorage;
  readonly looks: FileLooks;
  readonly doubts: Doubts;
  readonly recheck: Recheck;
}

export class ContentWatch {
  readonly #options: ContentWatchOptions;
  readonly #nowMs: () => number;
  #watching: Watching | undefined;
  /** Somebody has written to them. */
  readonly #changed = new Set<MetainfoFile>();
  readonly #suspicionEveryMs: number;
  #suspectedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ContentWatchOptions) {
    this.#options = options;
    const { pieceLengthBytes } = options.metainfo;
    this.#suspicionEveryMs = suspicionEveryMs * Math.max(1, pieceLengthBytes / suspicionBytes);
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** The content is complete: good with these stamps, and not to be written again. `content`: gives whatever lies there. */
  begin(stamps: FileStamps, content: TorrentStorage): void {
    if (this.#watching !== undefined) return;
    const { metainfo, limit, nowMs } = this.#options;
    const doubts = new Doubts(metainfo.pieceCount);
    const onChanged = (file: MetainfoFile, stamp: FileStamp) => this.#fileChanged(file, stamp);
    const looks = new FileLooks({ metainfo, stamps, onChanged, nowMs });
    const recheck = new Recheck({
      metainfo,
      content,
      doubts,
      looks,
      limit,
      onNews: (news) => this.#tell(news),
      error: (index) => this.#changedError(index),
    });
    this.#watching = { content, looks, doubts, recheck };
  }

  get isOn(): boolean {
    return this.#watching !== undefined;
  }

  /** Whether who reads the file now has to look at it. */
  isDue(file: MetainfoFile): boolean {
    return this.#watching?.looks.isDue(file) ?? false;
  }

  async look(file: MetainfoFile, descriptor: number): Promise<void> {
    await this.#watching?.looks.look(file, descriptor);
  }

  /** As `look`, by somebody else: what is returned wants to know what was seen. */
  beginLook(file: MetainfoFile): ((stamp: FileStamp) => void) | undefined {
    return this.#watching?.looks.begin(file);
  }

  /** It was opened, and was so then. */
  opened(file: MetainfoFile, stamp: FileStamp): void {
    this.#watching?.looks.saw(file, stamp);
  }

  /** It ended before its bytes did. */
  tooShort(file: MetainfoFile): HelperError {
    return this.#changedError(
      Math.floor(file.offsetBytes / this.#options.metainfo.pieceLengthBytes),
    );
  }

  /** Undefined if these bytes can be given to anybody; else settles when that is known. Rejects if they cannot. */
  doubtOf(offsetBytes: number, lengthBytes: number): Promise<void> | undefined {
    if (this.#watching === undefined || this.#watching.doubts.isEmpty) return undefined;
    const { doubts, recheck } = this.#watching;
    const run = this.#piecesIn(offsetBytes, lengthBytes);
    if (doubts.hasDoubtfulIn(run)) {
      const decided = doubts.untilDecided(run, mostWaitMs);
      recheck.wake();
      return decided;
    }
    const bad = doubts.badIn(run);
    return bad === undefined ? undefined : Promise.reject(this.#changedError(bad));
  }

  /** Whether something has come up meanwhile. */
  isDoubtful(offsetBytes: number, lengthBytes: number): boolean {
    const { doubts } = this.#watching ?? {};
    return doubts?.hasDoubtfulIn(this.#piecesIn(offsetBytes, lengthBytes)) ?? false;
  }

  /** Somebody may have written to any file. */
  doubtAll(): void {
    if (this.#watching === undefined) return;
    const { doubts, recheck } = this.#watching;
    for (let index = 0; index < this.#options.metainfo.pieceCount; index++) doubts.doubt(index);
    recheck.wake();
  }

  /**
   * Reads all of it again, in the background. Rejects with the first thing that is wrong with it: CONTENT_CHANGED, or a DISK_
   * code; with CLOSED if it is closed before.
   */
  async verify(): Promise<void> {
    if (this.#watching === undefined) throw new HelperError('INTERNAL', 'bug: not complete');
    const { content, doubts, recheck } = this.#watching;
    content.reopen();
    this.doubtAll();
    await recheck.again();
    const [bad] = doubts.badPieces();
    if (bad !== undefined) throw this.#changedError(bad);
  }

  /** Somebody who was given this piece comes back for it: what is read of it next is looked at first. */
  lookAgain(index: number): void {
    if (this.#watching === undefined) return;
    const { looks, doubts, recheck } = this.#watching;
    for (const file of this.#filesOf(index)) looks.expire(file);
    const nowMs = this.#nowMs();
    if (nowMs - this.#suspectedAtMs < this.#suspicionEveryMs) return;
    // A disk may have lost a bit, and a stamp may lie.
    this.#suspectedAtMs = nowMs;
    doubts.doubt(index);
    recheck.wake();
  }

  /** Looks whether what was found to be bad has been changed again: it may be what it was. */
  lookForLost(): void {
    if (this.#watching === undefined || !this.#watching.doubts.hasBad) return;
    void this.#lookAtLost(this.#watching);
  }

  close(): void {
    this.#watching?.recheck.close();
  }

  /** Never rejects. What cannot be read is looked at again later. */
  async #lookAtLost({ content, doubts, looks }: Watching): Promise<void> {
    const files = new Set<MetainfoFile>();
    for (const index of doubts.badPieces()) {
      for (const file of this.#filesOf(index)) files.add(file);
      if (files.size >= mostLostLooks) break;
    }
    for (const file of files) {
      looks.expire(file);
      await content.readAhead(file.offsetBytes, new Uint8Array(1)).catch(() => {});
    }
  }

  #fileChanged(file: MetainfoFile, { ctimeNs }: FileStamp): void {
    if (this.#watching === undefined) return;
    const { doubts, recheck } = this.#watching;
    this.#changed.add(file);
    for (const index of piecesOf(this.#options.metainfo, file)) doubts.doubt(index);
    recheck.changed(file, ctimeNs % secondNs === 0n ? coarseTickMs : fineTickMs);
    this.#options.changes?.onDoubted(file.offsetBytes, file.lengthBytes);
    recheck.wake();
  }

  #tell(news: ReadonlyMap<number, boolean>): void {
    const { changes, metainfo } = this.#options;
    const indices = [...news.keys()].sort((one, other) => one - other);
    const bad = indices.filter((index) => news.get(index) === false);
    const [first] = bad;
    // A piece that is bad though no stamp has changed: who knows what else is.
    for (const index of bad) this.#doubtAllAround(index);
    const good = indices.filter((index) => news.get(index) === true);
    if (first !== undefined) changes?.onWithdrawn(bad, this.#changedError(first));
    if (good.length > 0) changes?.onRestored(good);
    if (metainfo.pieceCount > 0) this.#watching?.recheck.wake();
  }

  #doubtAllAround(index: number): void {
    const files = this.#filesOf(index);
    if (this.#watching === undefined || files.some((file) => this.#changed.has(file))) return;
    const { metainfo, changes } = this.#options;
    const { doubts } = this.#watching;
    for (const file of files) {
      this.#changed.add(file);
      for (const other of piecesOf(metainfo, file)) if (!doubts.isBad(other)) doubts.doubt(other);
      changes?.onDoubted(file.offsetBytes, file.lengthBytes);
    }
  }

  #changedError(index: number): HelperError {
    const { contentPath, role } = this.#options;
    const files = this.#filesOf(index);
    const file = files.find((each) => this.#changed.has(each)) ?? files[0];
    const path = file === undefined ? contentPath : filePath(contentPath, file);
    const what =
      role === 'seed'
        ? 'is not what was published any more: nobody is given its changed pieces; give it again to publish the new content'
        : 'is not what was downloaded any more: nobody is given its changed pieces; verify the job, and they are fetched again; or move it away, and give the job again';
    return new HelperError('CONTENT_CHANGED', `${path} ${what}`);
  }

  #filesOf(index: number): MetainfoFile[] {
    const { metainfo } = this.#options;
    const offsetBytes = index * metainfo.pieceLengthBytes;
    return spansOf(metainfo, offsetBytes, metainfo.pieceBytes(index)).flatMap(({ file }) =>
      file.isPadding ? [] : [file],
    );
  }

  #piecesIn(offsetBytes: number, lengthBytes: number): PieceRun {
    const { pieceLengthBytes } = this.#options.metainfo;
    const first = Math.floor(offsetBytes / pieceLengthBytes);
    const last = Math.floor((offsetBytes + Math.max(1, lengthBytes) - 1) / pieceLengthBytes);
    return { first, count: last - first + 1 };
  }
}
