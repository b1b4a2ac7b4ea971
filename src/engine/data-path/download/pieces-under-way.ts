// The pieces of one torrent that are being fetched: begun, and not whole yet. Which of them have a block that nobody is
// asked for, and which block could be asked of a second peer.
import type { BlockSource, DownloadingPiece } from '../pieces/block-source.js';
import { PartialPiece } from '../pieces/partial-piece.js';

const mostSpare = 256;

export class PiecesUnderWay {
  readonly #pieces = new Map<number, DownloadingPiece>();
  /** Those with a block that nobody is asked for; others are taken out when they are met. */
  readonly #open = new Set<DownloadingPiece>();
  /** To be used again: 16 KiB pieces come by the ten thousand. */
  readonly #spare: DownloadingPiece[] = [];

  get size(): number {
    return this.#pieces.size;
  }

  get(index: number): DownloadingPiece | undefined {
    return this.#pieces.get(index);
  }

  values(): IterableIterator<DownloadingPiece> {
    return this.#pieces.values();
  }

  /** `startBytes`: where it lies in memory, -1 for one on disk. `onlyOf`: the only one it is asked of. */
  begin(
    index: number,
    lengthBytes: number,
    startBytes: number,
    onlyOf: BlockSource | undefined,
  ): DownloadingPiece {
    const piece = this.#spare.pop() ?? new PartialPiece<BlockSource>();
    piece.begin(index, lengthBytes, startBytes);
    piece.onlyOf = onlyOf;
    this.#pieces.set(index, piece);
    this.#open.add(piece);
    return piece;
  }

  /** It has a block again that nobody is asked for. */
  reopen(piece: DownloadingPiece): void {
    this.#open.add(piece);
  }

  /** Every block of it has come. */
  end(piece: DownloadingPiece): void {
    this.#pieces.delete(piece.index);
    this.#open.delete(piece);
  }

  /** It has ended, and nobody will look at it any more. */
  reuse(piece: DownloadingPiece): void {
    piece.begin(-1, 0, -1);
    if (this.#spare.length < mostSpare) this.#spare.push(piece);
  }

  clear(): void {
    this.#pieces.clear();
    this.#open.clear();
  }

  /** One with a block that `source` has, and may be asked for. */
  openFor(source: BlockSource): DownloadingPiece | undefined {
    for (const piece of this.#open) {
      if (piece.freeBlock === -1) this.#open.delete(piece);
      else if (piece.onlyOf !== undefined && piece.onlyOf !== source) continue;
      else if (source.pieces.has(piece.index)) return piece;
    }
    return undefined;
  }

  /**
   * A block that another owes, and `source` has. Two may be asked for a block; of them one that has never sent anything
   * makes way for one that has.
   */
  askedOfAnother(source: BlockSource): { piece: DownloadingPiece; block: number } | undefined {
    const mayReplace = (second: BlockSource) => source.hasGiven && !second.hasGiven;
    for (const piece of this.#pieces.values()) {
      if (piece.onlyOf !== undefined || !source.pieces.has(piece.index)) continue;
      const block = piece.askedOfAnother(source, mayReplace);
      if (block === -1) continue;
      piece.secondOf(block)?.giveUp(piece, block);
      return { piece, block };
    }
    return undefined;
  }

  /** Whether `source` has any of them. */
  isAnyOf(source: BlockSource): boolean {
    for (const index of this.#pieces.keys()) if (source.pieces.has(index)) return true;
    return false;
  }
}
