// Pieces in numbered buckets, each in random order: to move a piece, and to find the first bucket that is not empty,
// costs the same however many there are. Knows nothing of what the buckets stand for.
import { clearPiece, createBitfield, setPiece } from '../../../storage/layout/bitfield.js';

/** A whole number from 0, below `limit`. */
export type Below = (limit: number) => number;

const nothing: readonly number[] = [];

/** No piece is in a bucket at first. */
export class PieceBuckets {
  /** A bit each for the pieces that are in a bucket (as in BEP 3). To be changed by this class alone. */
  readonly bits: Uint8Array;
  readonly #below: Below;
  /** Made when first needed: most torrents use few, and there may be many torrents. */
  readonly #buckets: (number[] | undefined)[];
  /** A bit for each bucket that is not empty, the most significant first. */
  readonly #filled: Int32Array;
  /** By piece: its bucket, -1 for none, and its position there. */
  readonly #bucketOf: Int16Array;
  readonly #positionOf: Int32Array;
  #size = 0;

  constructor(pieceCount: number, bucketCount: number, below: Below) {
    this.bits = createBitfield(pieceCount);
    this.#below = below;
    this.#buckets = new Array<undefined>(bucketCount).fill(undefined);
    this.#filled = new Int32Array(Math.ceil(bucketCount / 32));
    this.#bucketOf = new Int16Array(pieceCount).fill(-1);
    this.#positionOf = new Int32Array(pieceCount);
  }

  /** How many pieces are in buckets. */
  get size(): number {
    return this.#size;
  }

  /** -1: in none. */
  bucketOf(piece: number): number {
    return this.#bucketOf[piece] ?? -1;
  }

  /** To be read before anything is moved. */
  piecesIn(bucket: number): readonly number[] {
    return this.#buckets[bucket] ?? nothing;
  }

  /** The first bucket from `bucket` on that is not empty; -1: there is none. */
  filledFrom(bucket: number): number {
    let word = bucket >> 5;
    let bits = (this.#filled[word] ?? 0) & (-1 >>> (bucket & 31));
    while (bits === 0) {
      word++;
      if (word >= this.#filled.length) return -1;
      bits = this.#filled[word] ?? 0;
    }
    return word * 32 + Math.clz32(bits);
  }

  /** -1: into none. */
  move(piece: number, bucket: number): void {
    const before = this.bucketOf(piece);
    if (before === bucket) return;
    if (before === -1) setPiece(this.bits, piece);
    else this.#remove(piece, before);
    if (bucket === -1) clearPiece(this.bits, piece);
    else this.#insert(piece, bucket);
    this.#bucketOf[piece] = bucket;
  }

  #remove(piece: number, bucket: number): void {
    const pieces = this.#buckets[bucket];
    const last = pieces?.pop();
    if (pieces === undefined || last === undefined) return;
    if (last !== piece) this.#put(pieces, this.#positionOf[piece] ?? 0, last);
    if (pieces.length === 0) this.#mark(bucket);
    this.#size--;
  }

  /** Among the others at random, or those that came last would stay together. */
  #insert(piece: number, bucket: number): void {
    const pieces = this.#buckets[bucket] ?? [];
    if (pieces.length === 0) {
      this.#buckets[bucket] = pieces;
      this.#mark(bucket);
    }
    const position = this.#below(pieces.length + 1);
    this.#put(pieces, pieces.length, pieces[position] ?? piece);
    this.#put(pieces, position, piece);
    this.#size++;
  }

  #put(pieces: number[], position: number, piece: number): void {
    pieces[position] = piece;
    this.#positionOf[piece] = position;
  }

  /** It was empty, and is not any more; or the other way round. */
  #mark(bucket: number): void {
    const word = bucket >> 5;
    this.#filled[word] = (this.#filled[word] ?? 0) ^ (0x8000_0000 >>> (bucket & 31));
  }
}
