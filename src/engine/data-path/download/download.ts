// What one torrent still lacks: the pieces under way, of whom they are asked, and what becomes of a whole one. It knows
// sources of blocks, not connections.
import type { Metainfo } from '../../../metainfo/metainfo.js';
import { runForTorrent } from '../../torrent-context.js';
import type { BlockSource, DownloadingPiece, Sender } from '../pieces/block-source.js';
import { blockBytes } from '../pieces/partial-piece.js';
import { PiecePicker } from '../pieces/piece-picker.js';
import type { PiecePlaces } from '../places/piece-places.js';
import { PieceVerification } from './piece-verification.js';
import { PiecesUnderWay } from './pieces-under-way.js';
import { Retrials } from './retrials.js';
import type { WriteBatch } from './write-batch.js';

export interface DownloadOptions {
  readonly metainfo: Metainfo;
  /** The pieces that are there (BEP 3). */
  readonly have: Uint8Array;
  readonly places: PiecePlaces;
  readonly writes: WriteBatch;
  /** So many bytes that came are of no use. */
  readonly onDiscarded: (lengthBytes: number) => void;
  /** It has sent what is bad. */
  readonly onBanned: (sender: Sender) => void;
}

const tickMs = 1_000;
/** Of one torrent, under way, being verified or written; never less than three pieces. */
const windowBytes = 16 * 2 ** 20;
const leastWindowPieces = 3;
/** Where pieces lie on disk, as each block needs memory of its own until it is written. */
const onDiskWindowBytes = 4 * 2 ** 20;
/** Neighbours are begun together within so much, where that costs no rarity: they are written at once. */
const stretchBytes = 2 ** 20;

export class Download {
  readonly picker: PiecePicker;
  readonly underWay = new PiecesUnderWay();
  /** Counts up whenever there is something to ask for that was not there before. */
  version = 0;
  readonly #options: DownloadOptions;
  readonly #sources = new Set<BlockSource>();
  readonly #verification: PieceVerification;
  readonly #retrials: Retrials;
  #timer: NodeJS.Timeout | undefined;
  /** There was something to begin, and too much in hand. */
  #lacksRoom = false;
  /** A block came for which there was no room. */
  #lacksBlockRoom = false;
  #isWakeDue = false;
  #isOver = false;

  constructor(options: DownloadOptions) {
    this.#options = options;
    const { metainfo, have, places, onBanned } = options;
    this.#verification = new PieceVerification({
      metainfo,
      places,
      onBanned,
      onGood: (piece) => this.#good(piece),
      onBad: (piece, isAnyones) => this.#bad(piece, isAnyones),
    });
    this.#retrials = new Retrials(this.#verification.smartBan);
    this.picker = new PiecePicker({
      pieceCount: metainfo.pieceCount,
      have,
      stretchPieces: Math.max(1, Math.floor(stretchBytes / metainfo.pieceLengthBytes)),
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** How many blocks one source may be asked for at once, so that there are some for all. */
  get fairDepth(): number {
    const together = this.#options.places.isAnyOnDisk ? onDiskWindowBytes : windowBytes;
    return Math.floor(together / blockBytes / this.#sources.size);
  }

  /** Whether anything may be asked for now: not if it is over, nor if the disk is slower than the network. */
  get isAsking(): boolean {
    return !this.#isOver && !this.#lacksBlockRoom && !this.#options.places.isBehind;
  }

  /** Of what is missing, all is under way. */
  get isEndNear(): boolean {
    return this.picker.offered === 0;
  }

  add(source: BlockSource): void {
    if (this.#isOver) return;
    this.#sources.add(source);
    this.#timer ??= setInterval(() => this.#tick(), tickMs).unref();
  }

  remove(source: BlockSource): void {
    this.#sources.delete(source);
    for (const piece of this.underWay.values()) if (piece.onlyOf === source) this.#share(piece);
    if (this.#sources.size === 0) this.#stopLooking();
    this.#wakeIdleSoon();
  }

  /**
   * The piece that `source` is asked for next; it has a free block then. `after`: the piece it was asked for last.
   * `allowed`: the only pieces it may be asked for.
   */
  pieceFor(
    source: BlockSource,
    after: number,
    allowed?: ReadonlySet<number>,
  ): DownloadingPiece | undefined {
    if (allowed !== undefined) return this.#allowedPiece(source, allowed);
    const retried = this.#retrials.next(source, this.#sources);
    const again = retried === -1 ? undefined : this.#beginAgain(retried, source);
    if (again !== undefined) return again;
    const { metainfo } = this.#options;
    const isQuick = source.isQuick(Math.ceil(metainfo.pieceLengthBytes / blockBytes));
    const open = isQuick ? undefined : this.underWay.openFor(source);
    if (open !== undefined) return open;
    const index = this.picker.offered === 0 ? -1 : this.picker.pick(source.pieces, after);
    const begun = index === -1 ? undefined : this.#begin(index);
    return begun ?? (isQuick ? this.underWay.openFor(source) : undefined);
  }

  /** A block that another owes, for the end game: when nothing is left that nobody was asked for. */
  askedOfAnother(source: BlockSource): { piece: DownloadingPiece; block: number } | undefined {
    return this.picker.offered > 0 ? undefined : this.underWay.askedOfAnother(source);
  }

  /** Where in memory a block goes that begins to come; -1: there is no room for it. */
  memoryFor(piece: DownloadingPiece, block: number): number {
    const { places } = this.#options;
    const startBytes = places.of(piece).memoryFor(piece, block);
    if (startBytes === -1) {
      this.#lacksBlockRoom = true;
      places.waitForRoom(this.#onRoom);
    }
    return startBytes;
  }

  /** The rest of the block will not come: what `memoryFor` gave is free again. */
  releaseMemory(piece: DownloadingPiece, block: number, startBytes: number): void {
    this.#options.onDiscarded(piece.blockLengthBytes(block));
    this.#options.places.of(piece).discard(startBytes);
  }

  blockCame(piece: DownloadingPiece, block: number, startBytes: number, source: BlockSource): void {
    const other = piece.came(block, source);
    if (other !== undefined) {
      other.cancel(piece, block);
      this.#wakeIdleSoon();
    }
    if (piece.onlyOf !== undefined) this.#retrials.heard(piece.index);
    this.#options.places.of(piece).came(piece, block, startBytes, this.#onWhole);
  }

  /** A block was asked for, and will not come. */
  blockFreed(piece: DownloadingPiece): void {
    this.underWay.reopen(piece);
    this.version += 1;
    this.#wakeIdleSoon();
  }

  /** Whether another has nothing to do, and something of what is under way. */
  isAnyIdle(except: BlockSource): boolean {
    for (const source of this.#sources) {
      if (source !== except && source.isIdle && this.underWay.isAnyOf(source)) return true;
    }
    return false;
  }

  wakeAll(): void {
    for (const source of this.#sources) source.wake();
  }

  /** Written and safe to tell: never asked for again. */
  written(pieces: readonly DownloadingPiece[]): void {
    for (const piece of pieces) {
      this.#options.places.release(piece);
      this.picker.done(piece.index);
      this.underWay.reuse(piece);
    }
    if (this.picker.missing === 0) this.close();
    else this.#roomMade();
  }

  /** Nothing is asked for any more. What is whole is still verified and written. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopLooking();
    this.#options.places.stopWaiting(this.#onRoom);
    for (const source of this.#sources) source.discardBlock();
    for (const piece of this.underWay.values()) {
      // One that is whole is still being written, and is verified then.
      if (piece.isWhole) continue;
      this.#options.onDiscarded(piece.cameBytes);
      this.#options.places.release(piece);
    }
    this.underWay.clear();
    this.#sources.clear();
  }

  readonly #onWhole = (piece: DownloadingPiece): void => {
    this.underWay.end(piece);
    this.#verification.verify(piece);
  };

  /** Called when another torrent's memory is free. */
  readonly #onRoom = (): void =>
    runForTorrent(this.#options.metainfo.infoHash, () => {
      this.#lacksBlockRoom = false;
      this.version += 1;
      this.wakeAll();
    });

  get #isRoom(): boolean {
    const { metainfo, writes } = this.#options;
    const inHand = this.underWay.size + this.#verification.pieces + writes.pieces;
    return inHand < leastWindowPieces || inHand * metainfo.pieceLengthBytes < windowBytes;
  }

  #allowedPiece(source: BlockSource, allowed: ReadonlySet<number>): DownloadingPiece | undefined {
    for (const index of allowed) {
      if (!source.pieces.has(index)) continue;
      const piece = this.underWay.get(index);
      if (piece !== undefined && piece.onlyOf === undefined && piece.freeBlock !== -1) return piece;
      if (this.picker.isOffered(index)) return this.#begin(index);
    }
    return undefined;
  }

  /** Undefined if there is no room for it now; then its sources are woken when there is. */
  #begin(index: number, onlyOf?: BlockSource): DownloadingPiece | undefined {
    const { metainfo, places, writes } = this.#options;
    const lengthBytes = metainfo.pieceBytes(index);
    if (!this.#isRoom) {
      this.#lacksRoom = true;
      return undefined;
    }
    // What is ours in memory will be given back as soon as it is written.
    const willHaveRoom = this.#verification.pieces + writes.pieces > 0;
    const startBytes = places.begin(lengthBytes, willHaveRoom, this.#onRoom);
    if (startBytes === undefined) {
      this.#lacksRoom = true;
      return undefined;
    }
    if (onlyOf === undefined) this.picker.take(index);
    const piece = this.underWay.begin(index, lengthBytes, startBytes, onlyOf);
    // Then the end game begins.
    if (this.picker.offered === 0) this.blockFreed(piece);
    return piece;
  }

  #beginAgain(index: number, onlyOf: BlockSource): DownloadingPiece | undefined {
    const piece = this.#begin(index, onlyOf);
    if (piece === undefined) this.#retrials.add(index);
    return piece;
  }

  #share(piece: DownloadingPiece): void {
    piece.onlyOf = undefined;
    if (piece.freeBlock !== -1) this.blockFreed(piece);
  }

  #good(piece: DownloadingPiece): void {
    this.#retrials.delete(piece.index);
    const isLast =
      this.#verification.pieces === 0 && this.underWay.size === 0 && this.picker.offered === 0;
    this.#options.writes.add(piece, isLast);
  }

  /** It is fetched anew: of whoever comes if one peer is to blame, else of one peer alone. */
  #bad(piece: DownloadingPiece, isAnyones: boolean): void {
    const { index } = piece;
    this.#options.onDiscarded(piece.lengthBytes);
    this.#options.places.release(piece);
    if (isAnyones || this.#retrials.has(index)) this.#retrials.add(index);
    else this.picker.putBack(index);
    this.underWay.reuse(piece);
    this.#lacksRoom = true;
    this.#roomMade();
  }

  #roomMade(): void {
    if (!this.#lacksRoom) return;
    this.#lacksRoom = false;
    this.version += 1;
    this.#wakeIdleSoon();
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const index of this.#retrials.stalled(nowMs)) {
      const piece = this.underWay.get(index);
      if (piece !== undefined) this.#share(piece);
    }
    for (const source of [...this.#sources]) source.tick(nowMs);
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #wakeIdleSoon(): void {
    if (this.#isWakeDue || this.#isOver) return;
    this.#isWakeDue = true;
    queueMicrotask(() => {
      this.#isWakeDue = false;
      for (const source of this.#sources) if (source.isIdle) source.refill();
    });
  }
}
