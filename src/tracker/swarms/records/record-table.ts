// Records of so many 32-bit words each, in one block of memory, found by a hash. A record is named by where it begins; 0 is
// none, and the words there may serve whoever holds the table. The first two words of each are the table's own.

const hashWord = 0;
const nextWord = 1;
const leastRecords = 64;
const bucketBytes = 8;

export class RecordTable {
  #words: Int32Array;
  #bytes: Uint8Array;
  readonly #width: number;
  /** The first record of each chain; their number is a power of two, and at least that of the records. */
  #buckets = new Int32Array(leastRecords);
  #size = 0;
  /** Behind the last that was ever in use. */
  #end: number;
  /** A chain of those that were removed. */
  #free = 0;

  constructor(width: number) {
    this.#width = width;
    this.#end = width;
    this.#words = new Int32Array(width * leastRecords);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }

  /** What a record takes, with its share of what finds it. */
  static bytesOf(width: number): number {
    return width * Int32Array.BYTES_PER_ELEMENT + bucketBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** All the memory there is; another after `add`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get(record: number, word: number): number {
    return this.#words[record + word] ?? 0;
  }

  set(record: number, word: number, value: number): void {
    this.#words[record + word] = value;
  }

  /** All words but its own are 0. */
  add(hash: number): number {
    if (this.#size >= this.#buckets.length) this.#addBuckets();
    const record = this.#take();
    this.#chain(record, hash);
    this.#size += 1;
    return record;
  }

  remove(record: number): void {
    const words = this.#words;
    const bucket = this.#bucketOf(words[record + hashWord] ?? 0);
    const next = words[record + nextWord] ?? 0;
    let before = this.#buckets[bucket] ?? 0;
    if (before === record) this.#buckets[bucket] = next;
    else {
      for (; words[before + nextWord] !== record; before = words[before + nextWord] ?? 0);
      words[before + nextWord] = next;
    }
    words[record + nextWord] = this.#free;
    this.#free = record;
    this.#size -= 1;
  }

  /** The first of those of this hash, or 0. */
  first(hash: number): number {
    return this.#sameFrom(this.#buckets[this.#bucketOf(hash)] ?? 0, hash);
  }

  /** The next of the same hash, or 0. */
  next(record: number): number {
    return this.#sameFrom(this.#words[record + nextWord] ?? 0, this.#words[record + hashWord] ?? 0);
  }

  #sameFrom(record: number, hash: number): number {
    const words = this.#words;
    let at = record;
    while (at !== 0 && words[at + hashWord] !== hash) at = words[at + nextWord] ?? 0;
    return at;
  }

  #take(): number {
    const freed = this.#free;
    if (freed !== 0) {
      this.#free = this.#words[freed + nextWord] ?? 0;
      this.#words.fill(0, freed, freed + this.#width);
      return freed;
    }
    const record = this.#end;
    this.#end += this.#width;
    if (this.#end > this.#words.length) {
      const larger = new Int32Array(
        Math.ceil(this.#words.length / this.#width / 2) * 3 * this.#width,
      );
      larger.set(this.#words);
      this.#words = larger;
      this.#bytes = new Uint8Array(larger.buffer);
    }
    return record;
  }

  #addBuckets(): void {
    this.#buckets = new Int32Array(this.#buckets.length * 2);
    // Nothing is removed where there is no room, so what was ever in use is in use.
    for (let record = this.#width; record < this.#end; record += this.#width) {
      this.#chain(record, this.#words[record + hashWord] ?? 0);
    }
  }

  #chain(record: number, hash: number): void {
    const bucket = this.#bucketOf(hash);
    this.#words[record + hashWord] = hash;
    this.#words[record + nextWord] = this.#buckets[bucket] ?? 0;
    this.#buckets[bucket] = record;
  }

  #bucketOf(hash: number): number {
    return hash & (this.#buckets.length - 1);
  }
}
