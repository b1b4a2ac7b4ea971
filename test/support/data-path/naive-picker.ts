// What the picker of pieces must know and choose, found by looking at all of them: for its tests.
import type { Priority } from '../../../src/engine/data-path/pieces/piece-picker.js';

interface Piece {
  priority: Priority;
  holders: number;
  state: 'free' | 'begun' | 'ours';
}

export class NaivePicker {
  readonly #pieces: readonly Piece[];
  #seeders = 0;
  #isBeginning: boolean;

  constructor(pieceCount: number, have: ReadonlySet<number>) {
    this.#pieces = Array.from({ length: pieceCount }, (_, index) => ({
      priority: 4,
      holders: 0,
      state: have.has(index) ? 'ours' : 'free',
    }));
    this.#isBeginning = pieceCount > 8 && have.size < 4;
  }

  addSeeder(): void {
    this.#seeders++;
  }

  removeSeeder(): void {
    this.#seeders--;
  }

  incrementAvailability(index: number): void {
    this.#at(index).holders++;
  }

  decrementAvailability(index: number): void {
    this.#at(index).holders--;
  }

  setPriority(index: number, priority: Priority): void {
    this.#at(index).priority = priority;
  }

  take(index: number): void {
    const piece = this.#at(index);
    if (piece.state === 'free') piece.state = 'begun';
  }

  putBack(index: number): void {
    this.#at(index).state = 'free';
  }

  done(index: number): void {
    this.#at(index).state = 'ours';
    if (this.#pieces.filter(({ state }) => state === 'ours').length >= 4) this.#isBeginning = false;
  }

  isAvailable(index: number): boolean {
    return this.#at(index).holders > 0;
  }

  availabilityOf(index: number): number {
    return this.#at(index).holders + this.#seeders;
  }

  isMissing(index: number): boolean {
    return this.#at(index).priority > 0 && this.#at(index).state !== 'ours';
  }

  get missing(): number {
    return this.#pieces.filter((_, index) => this.isMissing(index)).length;
  }

  get offered(): number {
    return this.#pieces.filter((_, index) => this.#isOffered(index)).length;
  }

  /** All that may be picked; empty: none. */
  choices(theirs: ReadonlySet<number>, after: number, stretchPieces: number): ReadonlySet<number> {
    const possible = [...theirs].filter((index) => this.#isOffered(index));
    const ranks = new Map(possible.map((index) => [index, this.#rank(index)]));
    const bestRank = Math.min(...ranks.values());
    const neighbour = after + 1;
    const isNear = after !== -1 && neighbour % stretchPieces !== 0 && !this.#isBeginning;
    if (isNear && ranks.get(neighbour) === bestRank) return new Set([neighbour]);
    return new Set(possible.filter((index) => ranks.get(index) === bestRank));
  }

  /** The lower the better. */
  #rank(index: number): number {
    const { priority, holders } = this.#at(index);
    return (7 - priority) * 100 + (this.#isBeginning ? 0 : Math.min(holders, 63));
  }

  #isOffered(index: number): boolean {
    return this.isMissing(index) && this.#at(index).state === 'free';
  }

  #at(index: number): Piece {
    const piece = this.#pieces[index];
    if (piece === undefined) throw new RangeError(`there is no piece ${index}`);
    return piece;
  }
}
