// How the pieces of one peer count in a download's picker, and how many of them the download lacks. A seeder is one
// number there, or thousands of pieces would be counted for each.
import type { OnChange, PeerPieces } from './peer-pieces.js';
import type { PiecePicker } from './piece-picker.js';

/** Counts nothing before `start`. */
export class PeerAvailability {
  readonly #pieces: PeerPieces;
  #picker: PiecePicker | undefined;
  #lacking = 0;
  /** Whether it counts as one of those that have everything, rather than by its pieces. */
  #isCountedAsSeeder = false;

  constructor(pieces: PeerPieces) {
    this.#pieces = pieces;
  }

  /** How many of its pieces the download lacks. */
  get lacking(): number {
    return this.#lacking;
  }

  start(picker: PiecePicker): void {
    this.#picker = picker;
    this.#count();
  }

  stop(): void {
    const picker = this.#picker;
    if (picker === undefined) return;
    if (this.#isCountedAsSeeder) picker.removeSeeder();
    else this.#forEachPiece((index) => picker.decrementAvailability(index));
    this.#isCountedAsSeeder = false;
    this.#picker = undefined;
    this.#lacking = 0;
  }

  /** The download has one of its pieces from now on. */
  gained(): void {
    this.#lacking -= 1;
  }

  /** The peer has the piece from now on, or has it no longer. */
  changed(index: number, isThere: boolean): void {
    const picker = this.#picker;
    if (picker === undefined) return;
    if (this.#isCountedAsSeeder) this.#countByPieces(picker, index);
    else if (isThere) picker.incrementAvailability(index);
    else picker.decrementAvailability(index);
    if (picker.isMissing(index)) this.#lacking += isThere ? 1 : -1;
  }

  /** Many change at once. The first time nothing was counted, so what there is then is counted as a whole. */
  replace(change: (onChange: OnChange) => void): void {
    const isFirst = this.#pieces.count === 0;
    change(isFirst ? () => {} : this.#onChange);
    if (isFirst) this.#count();
  }

  readonly #onChange = (index: number, isThere: boolean): void => this.changed(index, isThere);

  #count(): void {
    const picker = this.#picker;
    if (picker === undefined) return;
    this.#isCountedAsSeeder = this.#pieces.hasAll;
    if (this.#isCountedAsSeeder) {
      picker.addSeeder();
      this.#lacking = picker.missing;
      return;
    }
    this.#lacking = 0;
    this.#forEachPiece((index) => {
      picker.incrementAvailability(index);
      if (picker.isMissing(index)) this.#lacking += 1;
    });
  }

  /** It had everything, and has lost one: from now on it counts by its pieces. */
  #countByPieces(picker: PiecePicker, lost: number): void {
    this.#isCountedAsSeeder = false;
    picker.removeSeeder();
    for (let index = 0; index < this.#pieces.pieceCount; index++) {
      if (index !== lost) picker.incrementAvailability(index);
    }
  }

  #forEachPiece(callback: (index: number) => void): void {
    const pieces = this.#pieces;
    if (pieces.count === 0) return;
    for (let index = 0; index < pieces.pieceCount; index++) if (pieces.has(index)) callback(index);
  }
}
