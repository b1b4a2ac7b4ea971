// Which piece is begun next: the rarest first, by chance among equals, the first few at random. Counts who has what, and
// knows neither peers nor blocks nor what becomes of a piece that was begun.
import { hasPiece } from '../../../storage/layout/bitfield.js';
import type { PeerPieces } from './peer-pieces.js';
import { PieceBuckets } from './piece-buckets.js';

/** 7 is fetched first; 0: not wanted. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface PiecePickerOptions {
  readonly pieceCount: number;
  /** Already ours: never offered. */
  readonly have: Uint8Array;
  /** How many pieces lie in 1 MiB, and are best written together; 1, the default: neighbours do not matter. */
  readonly stretchPieces?: number;
  /** The first few are not taken at random: for whoever has everything. */
  readonly countsRarityAtOnce?: boolean;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

const highestPriority = 7;
const defaultPriority: Priority = 4;

/** Pieces that so many peers have, or more, are equally common. */
const commonAvailability = 63;
const bucketsAPriority = commonAvailability + 1;
const bucketCount = highestPriority * bucketsAPriority;

/** Whoever has so many pieces has something to trade, and can wait for the rare ones. */
const firstPieces = 4;
/** Below that there is nothing to gain. */
const fewestPieces = 9;

/** Of the best pieces; then of those that the peer has, wherever they are. */
const mostLooks = 64;
const mostCandidates = 32;

const free = 0;
const begun = 1;
const ours = 2;

/**
 * One torrent's. Every update costs the same, however many pieces there are; but once, when rarity begins to count, all
 * pieces are moved.
 */
export class PiecePicker {
  readonly #pieceCount: number;
  readonly #stretchPieces: number;
  readonly #random: () => number;
  readonly #priorities: Uint8Array;
  readonly #states: Uint8Array;
  /** Without seeders, who have all pieces alike. */
  readonly #availability: Uint16Array;
  /** The offered ones: the highest priority first, in each the rarest first. */
  readonly #buckets: PieceBuckets;
  #seeders = 0;
  #missing = 0;
  #ours = 0;
  /** Rarity does not count yet: all pieces of one priority share a bucket. */
  #isBeginning = true;
  #looks = 0;

  constructor(options: PiecePickerOptions) {
    const { pieceCount, have, stretchPieces = 1, random = Math.random } = options;
    this.#pieceCount = pieceCount;
    this.#stretchPieces = stretchPieces;
    this.#random = random;
    this.#priorities = new Uint8Array(pieceCount).fill(defaultPriority);
    this.#states = new Uint8Array(pieceCount);
    this.#availability = new Uint16Array(pieceCount);
    this.#buckets = new PieceBuckets(pieceCount, bucketCount, (limit) => this.#below(limit));
    for (let index = 0; index < pieceCount; index++) {
      if (!hasPiece(have, index)) continue;
      this.#states[index] = ours;
      this.#ours++;
    }
    this.#missing = pieceCount - this.#ours;
    const isNew = this.#ours < firstPieces && pieceCount >= fewestPieces;
    this.#isBeginning = isNew && options.countsRarityAtOnce !== true;
    this.#updateBuckets();
  }

  /** How many pieces are wanted and not ours, begun or not. */
  get missing(): number {
    return this.#missing;
  }

  /** How many of the missing ones are not begun. */
  get offered(): number {
    return this.#buckets.size;
  }

  /** How many pieces `pick` has looked at in all: for tests. */
  get looks(): number {
    return this.#looks;
  }

  /** Wanted and not ours, begun or not. */
  isMissing(index: number): boolean {
    return this.#states[index] !== ours && (this.#priorities[index] ?? 0) > 0;
  }

  /** Missing, and not begun. */
  isOffered(index: number): boolean {
    return this.#buckets.bucketOf(index) !== -1;
  }

  /** How many peers have it, seeders included. */
  availabilityOf(index: number): number {
    return (this.#availability[index] ?? 0) + this.#seeders;
  }

  /** Of one that is begun, or ours, it takes effect when that is put back. */
  setPriority(index: number, priority: Priority): void {
    this.#change(index, this.#states[index] ?? free, priority);
  }

  /** A peer that is no seeder has it. */
  incrementAvailability(index: number): void {
    this.#availability[index] = (this.#availability[index] ?? 0) + 1;
    this.#updateBucket(index);
  }

  /** That peer has it no longer, is gone, or is a seeder now. */
  decrementAvailability(index: number): void {
    this.#availability[index] = Math.max(0, (this.#availability[index] ?? 0) - 1);
    this.#updateBucket(index);
  }

  /** A peer has them all. */
  addSeeder(): void {
    this.#seeders++;
  }

  removeSeeder(): void {
    this.#seeders--;
  }

  /** It is begun: no longer offered. */
  take(index: number): void {
    if (this.#states[index] === free) this.#change(index, begun);
  }

  /** It was bad, or given up, or is ours no longer: offered again. */
  putBack(index: number): void {
    if (this.#states[index] === ours) this.#ours--;
    this.#change(index, free);
  }

  /** It is ours now, begun before or not: never offered again. */
  done(index: number): void {
    if (this.#states[index] !== ours) this.#ours++;
    this.#change(index, ours);
    if (!this.#isBeginning || this.#ours < firstPieces) return;
    this.#isBeginning = false;
    this.#updateBuckets();
  }

  /**
   * The next piece to begin with a peer that has `pieces`, which is not begun thereby; -1: it has none. `after`: the
   * piece that this peer was asked for last, -1: none. Of the highest priority, then of the lowest availability, then by
   * chance: exactly so unless the peer has none of the best 64, when it is the best of some 32.
   */
  pick(pieces: PeerPieces, after: number): number {
    let left = mostLooks;
    let bucket = this.#buckets.filledFrom(0);
    while (bucket !== -1) {
      const candidates = this.#buckets.piecesIn(bucket);
      const end = Math.min(left, candidates.length);
      let at = this.#below(candidates.length);
      for (let nth = 0; nth < end; nth++) {
        const piece = candidates[at] ?? -1;
        this.#looks++;
        if (pieces.has(piece)) return this.#orNeighbour(piece, pieces, after);
        at = at + 1 < candidates.length ? at + 1 : 0;
      }
      left -= end;
      if (left === 0) return this.#orNeighbour(this.#search(pieces), pieces, after);
      bucket = this.#buckets.filledFrom(bucket + 1);
    }
    return -1;
  }

  /** The best of some that the peer has, from a random one on. */
  #search(pieces: PeerPieces): number {
    const offered = this.#buckets.bits;
    const theirs = pieces.bits;
    let at = this.#below(offered.length);
    let best = -1;
    let bestBucket = bucketCount;
    let equals = 0;
    let found = 0;
    for (let nth = 0; nth < offered.length && found < mostCandidates; nth++) {
      let both = (offered[at] ?? 0) & (theirs[at] ?? 0);
      while (both !== 0) {
        const bit = Math.clz32(both << 24);
        both &= 0x7f >> bit;
        const piece = at * 8 + bit;
        const bucket = this.#buckets.bucketOf(piece);
        found++;
        if (bucket < bestBucket) equals = 0;
        if (bucket > bestBucket) continue;
        bestBucket = bucket;
        equals++;
        if (this.#below(equals) === 0) best = piece;
      }
      at = at + 1 < offered.length ? at + 1 : 0;
    }
    this.#looks += found;
    return best;
  }

  /**
   * The piece behind `after` instead of `piece`, so that they are written together: within one stretch, where that costs
   * no rarity. Not at the beginning, when peers that begin together had better choose differently.
   */
  #orNeighbour(piece: number, pieces: PeerPieces, after: number): number {
    const neighbour = after + 1;
    if (piece === -1 || after === -1 || this.#isBeginning) return piece;
    if (neighbour % this.#stretchPieces === 0 || !pieces.has(neighbour)) return piece;
    const bucket = this.#buckets.bucketOf(neighbour);
    return bucket !== -1 && bucket <= this.#buckets.bucketOf(piece) ? neighbour : piece;
  }

  #change(index: number, state: number, priority = this.#priorities[index] ?? 0): void {
    const wasMissing = this.isMissing(index);
    this.#states[index] = state;
    this.#priorities[index] = priority;
    this.#missing += Number(this.isMissing(index)) - Number(wasMissing);
    this.#updateBucket(index);
  }

  #updateBuckets(): void {
    for (let index = 0; index < this.#pieceCount; index++) this.#updateBucket(index);
  }

  #updateBucket(index: number): void {
    this.#buckets.move(index, this.#bucketFor(index));
  }

  /** -1: it is not offered. */
  #bucketFor(index: number): number {
    const priority = this.#priorities[index] ?? 0;
    if (priority === 0 || this.#states[index] !== free) return -1;
    const availability = this.#isBeginning
      ? 0
      : Math.min(this.#availability[index] ?? 0, commonAvailability);
    return (highestPriority - priority) * bucketsAPriority + availability;
  }

  /** An integer to V8, too, as a number from `Math.floor` is not: loops that begin with it are several times faster. */
  #below(limit: number): number {
    return (this.#random() * limit) | 0;
  }
}
