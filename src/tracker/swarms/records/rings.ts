// Records in rings: each knows the one after it and the one before it, by two of its words, so that it is put in and taken
// out without a look at the others.
import type { RecordTable } from './record-table.js';

export class Rings {
  readonly #table: RecordTable;
  readonly #nextWord: number;
  readonly #previousWord: number;

  /** By two words of the table's records, side by side. */
  constructor(table: RecordTable, word: number) {
    this.#table = table;
    this.#nextWord = word;
    this.#previousWord = word + 1;
  }

  next(record: number): number {
    return this.#table.get(record, this.#nextWord);
  }

  previous(record: number): number {
    return this.#table.get(record, this.#previousWord);
  }

  /** A ring of its own. */
  begin(record: number): void {
    this.#join(record, record);
  }

  insert(record: number, before: number): void {
    this.#join(this.previous(before), record);
    this.#join(record, before);
  }

  /** Out of its ring, into none. */
  remove(record: number): void {
    this.#join(this.previous(record), this.next(record));
  }

  #join(a: number, b: number): void {
    this.#table.set(a, this.#nextWord, b);
    this.#table.set(b, this.#previousWord, a);
  }
}
