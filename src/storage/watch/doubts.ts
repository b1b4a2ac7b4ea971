// Which pieces of complete content are in doubt, which were found to be bad, and who waits to be told. Knows no files.
import { createDeferred, type Deferred } from '../../async/deferred.js';
import { HelperError } from '../../errors.js';
import { clearPiece, createBitfield, hasPiece, setPiece } from '../layout/bitfield.js';
import type { PieceRun } from '../layout/present-pieces.js';

interface Waiter extends PieceRun {
  readonly decided: Deferred<void>;
}

export class Doubts {
  readonly #pieceCount: number;
  readonly #doubtful: Uint8Array;
  readonly #bad: Uint8Array;
  #doubtfulCount = 0;
  #badCount = 0;
  /** In the order in which they came. */
  readonly #waiters = new Set<Waiter>();

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
    this.#doubtful = createBitfield(pieceCount);
    this.#bad = createBitfield(pieceCount);
  }

  get isEmpty(): boolean {
    return this.#doubtfulCount === 0 && this.#badCount === 0;
  }

  get hasDoubtful(): boolean {
    return this.#doubtfulCount > 0;
  }

  get hasBad(): boolean {
    return this.#badCount > 0;
  }

  isDoubtful(index: number): boolean {
    return hasPiece(this.#doubtful, index);
  }

  isBad(index: number): boolean {
    return hasPiece(this.#bad, index);
  }

  doubt(index: number): void {
    if (hasPiece(this.#doubtful, index)) return;
    setPiece(this.#doubtful, index);
    this.#doubtfulCount += 1;
  }

  /** Says whether that is news: it was bad before, or is so for the first time. */
  decide(index: number, isGood: boolean, error: (index: number) => HelperError): boolean {
    const wasBad = hasPiece(this.#bad, index);
    if (hasPiece(this.#doubtful, index)) {
      clearPiece(this.#doubtful, index);
      this.#doubtfulCount -= 1;
    }
    if (isGood && wasBad) {
      clearPiece(this.#bad, index);
      this.#badCount -= 1;
    } else if (!isGood && !wasBad) {
      setPiece(this.#bad, index);
      this.#badCount += 1;
    }
    this.#tell(index, isGood ? undefined : error);
    return wasBad === isGood;
  }

  /**
   * Resolves when none of these pieces is in doubt any more. Rejects if one is found to be bad, or cannot be read, or if that
   * takes longer than `mostMs`.
   */
  async untilDecided(run: PieceRun, mostMs: number): Promise<void> {
    if (!this.#some(run, this.#doubtful)) return;
    const decided = createDeferred<void>();
    const waiter = { ...run, decided };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => decided.reject(stillInDoubt()), mostMs).unref();
    try {
      await decided.promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  hasDoubtfulIn(run: PieceRun): boolean {
    return this.#doubtfulCount > 0 && this.#some(run, this.#doubtful);
  }

  /** The first bad one. */
  badIn({ first, count }: PieceRun): number | undefined {
    for (let index = first; index < first + count && this.#badCount > 0; index++) {
      if (hasPiece(this.#bad, index)) return index;
    }
    return undefined;
  }

  /** The first piece in doubt for which somebody waits. */
  get wanted(): number | undefined {
    for (const { first, count } of this.#waiters) {
      for (let index = first; index < first + count; index++) {
        if (hasPiece(this.#doubtful, index)) return index;
      }
    }
    return undefined;
  }

  /** The first piece in doubt from there on, and round again. */
  next(from: number): number | undefined {
    if (this.#doubtfulCount === 0) return undefined;
    return this.#find(this.#doubtful, from) ?? this.#find(this.#doubtful, 0);
  }

  *badPieces(): Generator<number> {
    for (let at = this.#find(this.#bad, 0); at !== undefined; at = this.#find(this.#bad, at + 1)) {
      yield at;
    }
  }

  /** Whoever waits for one of these pieces waits in vain. */
  refuse({ first, count }: PieceRun, error: unknown): void {
    for (const waiter of this.#waiters) {
      const isTouched = waiter.first < first + count && first < waiter.first + waiter.count;
      if (isTouched) waiter.decided.reject(error);
    }
  }

  #tell(index: number, error: ((index: number) => HelperError) | undefined): void {
    for (const waiter of this.#waiters) {
      const { first, count, decided } = waiter;
      if (index < first || index >= first + count) continue;
      if (error !== undefined) decided.reject(error(index));
      else if (!this.#some(waiter, this.#doubtful)) decided.resolve();
    }
  }

  #some({ first, count }: PieceRun, bitfield: Uint8Array): boolean {
    for (let index = first; index < first + count; index++) {
      if (hasPiece(bitfield, index)) return true;
    }
    return false;
  }

  #find(bitfield: Uint8Array, from: number): number | undefined {
    for (let index = from; index < this.#pieceCount; ) {
      // Eight at once where there are none.
      if ((index & 7) === 0 && bitfield[index >> 3] === 0) index += 8;
      else if (hasPiece(bitfield, index)) return index;
      else index += 1;
    }
    return undefined;
  }
}

/** Who reads ahead or for a peer has this to himself: the peer asks again. */
function stillInDoubt(): HelperError {
  return new HelperError(
    'CONTENT_CHANGED',
    'what was changed is still being read again; ask later',
  );
}
