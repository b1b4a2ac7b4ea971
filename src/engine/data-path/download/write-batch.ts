// Brings verified pieces to disk, many at a time: neighbours with one write, and one line in the journal for all, before
// the first byte is written. One torrent's.
import { forEachConcurrent } from '../../../async/for-each-concurrent.js';
import type { Metainfo } from '../../../metainfo/metainfo.js';
import { spansOf } from '../../../storage/layout/file-layout.js';
import type { WriteJournal } from '../../../storage/storage.js';
import type { DownloadingPiece } from '../pieces/block-source.js';
import type { PiecePlace } from '../places/piece-place.js';

export interface WriteBatchOptions {
  readonly metainfo: Metainfo;
  readonly places: { of(piece: DownloadingPiece): Pick<PiecePlace, 'store'> };
  readonly journal: WriteJournal;
  /** All that is missing is under way: it comes soon, and is written with what is gathered. */
  readonly isEndNear: () => boolean;
  /** They are written; their memory may be used again. */
  readonly onWritten: (pieces: readonly DownloadingPiece[]) => void;
  /** They were not written and will not be; so is their memory. */
  readonly onLost: (pieces: readonly DownloadingPiece[]) => void;
  /** The disk refused. Called once. */
  readonly onFailed: (thrown: unknown) => void;
}

const enoughBytes = 4 * 2 ** 20;
const gatherMs = 10;
/** The end of a torrent, which may be all of it, is one batch if it comes within so much more. */
const gatherEndMs = 190;
/** So many are made, and stay open until they are written to; a single piece may reach into more. */
const mostFiles = 64;
/** Pieces that are no neighbours are small, and a disk takes several at once. */
const concurrentWrites = 4;

export class WriteBatch {
  readonly #options: WriteBatchOptions;
  #gathered: DownloadingPiece[] = [];
  #gatheredBytes = 0;
  #inWriting = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: WriteBatchOptions) {
    this.#options = options;
  }

  /** Verified, and not written yet. */
  get pieces(): number {
    return this.#gathered.length + this.#inWriting;
  }

  /** `isLast`: nothing follows soon. */
  add(piece: DownloadingPiece, isLast: boolean): void {
    if (this.#hasFailed) {
      this.#options.onLost([piece]);
      return;
    }
    this.#gathered.push(piece);
    this.#gatheredBytes += piece.lengthBytes;
    if (isLast || this.#gatheredBytes >= enoughBytes) this.#write();
    else this.#timer ??= setTimeout(() => this.#writeSoon(), gatherMs);
  }

  /** Writes what has been gathered. Resolves when nothing is being written. Never rejects. */
  async idle(): Promise<void> {
    this.#write();
    while (this.#writing !== undefined) await this.#writing;
  }

  #writeSoon(): void {
    if (this.#options.isEndNear()) this.#timer = setTimeout(() => this.#write(), gatherEndMs);
    else this.#write();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One at a time: what comes meanwhile is gathered, and goes with the next.
    if (this.#writing !== undefined || this.#gathered.length === 0 || this.#hasFailed) return;
    const pieces = this.#takeGathered();
    this.#inWriting = pieces.length;
    this.#writing = this.#writeAll(pieces)
      .catch(() => this.#writeOneByOne(pieces))
      .then(
        () => this.#written(pieces),
        (thrown: unknown) => this.#failed(pieces, thrown),
      );
  }

  /** In the torrent's order, as many as lie in so few files. */
  #takeGathered(): DownloadingPiece[] {
    const { metainfo } = this.#options;
    const gathered = this.#gathered.sort((a, b) => a.index - b.index);
    let files = 0;
    const isTooMuch = gathered.findIndex(({ index, lengthBytes }, nth) => {
      files += spansOf(metainfo, index * metainfo.pieceLengthBytes, lengthBytes).length;
      return files > mostFiles && nth > 0;
    });
    const taken = gathered.splice(0, isTooMuch === -1 ? gathered.length : isTooMuch);
    for (const { lengthBytes } of taken) this.#gatheredBytes -= lengthBytes;
    return taken;
  }

  #written(pieces: readonly DownloadingPiece[]): void {
    this.#writing = undefined;
    this.#inWriting = 0;
    this.#write();
    if (pieces.length > 0) this.#options.onWritten(pieces);
  }

  #failed(pieces: readonly DownloadingPiece[], thrown: unknown): void {
    this.#writing = undefined;
    this.#inWriting = 0;
    this.#hasFailed = true;
    this.#options.onLost([...pieces, ...this.#gathered.splice(0)]);
    this.#options.onFailed(thrown);
  }

  async #writeAll(pieces: DownloadingPiece[]): Promise<void> {
    const { places, journal } = this.#options;
    const indices = pieces.map(({ index }) => index);
    await journal.writes(indices);
    await forEachConcurrent(concurrentWrites, this.#runsOf(pieces), async (run) => {
      const [first] = run;
      if (first !== undefined) await places.of(first).store(run);
    });
    journal.wrote(indices);
  }

  /** A full disk has room for some of a batch: what can be written is not lost with the rest. */
  async #writeOneByOne(pieces: DownloadingPiece[]): Promise<void> {
    while (pieces.length > 0) {
      const one = pieces.slice(0, 1);
      await this.#writeAll(one);
      pieces.shift();
      this.#options.onWritten(one);
    }
  }

  /** Neighbours in one place together. */
  #runsOf(pieces: readonly DownloadingPiece[]): DownloadingPiece[][] {
    const { places } = this.#options;
    const runs: DownloadingPiece[][] = [];
    let last: DownloadingPiece | undefined;
    for (const piece of pieces) {
      const isNext = last?.index === piece.index - 1 && places.of(last) === places.of(piece);
      if (isNext) runs.at(-1)?.push(piece);
      else runs.push([piece]);
      last = piece;
    }
    return runs;
  }
}
