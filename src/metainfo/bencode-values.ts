// What bencoded bytes decode to (BEP 3).

/** Where the entries of a lazy dictionary of more bytes lie is remembered; of smaller ones among many it is found out again. */
const smallBytes = 4_096;

/** Byte strings stay bytes, views into the input: only the reader of a key knows which of them are text. */
export type BencodeValue = Uint8Array | number | readonly BencodeValue[] | BencodeDictionary;

export interface DictionaryEntry {
  /** One character a byte (latin1), so that keys sort as their raw bytes do. */
  readonly key: string;
  readonly value: BencodeValue;
  /** Where the value lies in the input. */
  readonly begin: number;
  readonly end: number;
}

/** Of a lazy dictionary it has no value. */
export type DecodedEntry = Omit<DictionaryEntry, 'value'> & Partial<DictionaryEntry>;

/** What a lazy dictionary finds its entries and their values with, again. */
export interface DecodedInput {
  readonly input: Uint8Array;
  entriesAt(begin: number): readonly DecodedEntry[];
  /** The first of this key in the dictionary that begins there. */
  entryAt(begin: number, key: string): DecodedEntry | undefined;
  valueAt(begin: number): BencodeValue;
}

/**
 * A decoded dictionary: a list of entries and not a Map, so that millions of empty ones stay small and no choice of
 * keys makes the hash table slow. Looking up is linear; readers ask for a handful of keys. Those of metainfo are lazy,
 * validated but not kept: it may hold a million names, of which none is needed for long, and others that nobody asks for.
 */
export class BencodeDictionary {
  readonly #decoded: DecodedInput;
  readonly #begin: number;
  readonly #remembers: boolean;
  #entries: readonly DecodedEntry[] | undefined;

  /** `isOneOfMany`: there may be a hundred thousand like it, each of which is asked a few times. */
  constructor(
    decoded: DecodedInput,
    begin: number,
    end: number,
    isOneOfMany: boolean,
    entries?: readonly DictionaryEntry[],
  ) {
    this.#decoded = decoded;
    this.#begin = begin;
    this.#remembers = !isOneOfMany || end - begin > smallBytes;
    this.#entries = entries;
  }

  get entries(): readonly DictionaryEntry[] {
    return this.#found().map((entry) => ({ ...entry, value: this.#valueOf(entry) }));
  }

  get(key: string): BencodeValue | undefined {
    const entry = this.#find(key);
    return entry && this.#valueOf(entry);
  }

  /** The bytes of a value as they stand in the input: what an info hash is made of. */
  raw(key: string): Uint8Array | undefined {
    const entry = this.#find(key);
    return entry && this.#decoded.input.subarray(entry.begin, entry.end);
  }

  #find(key: string): DecodedEntry | undefined {
    if (!this.#remembers && this.#entries === undefined) {
      return this.#decoded.entryAt(this.#begin, key);
    }
    return this.#found().find((entry) => entry.key === key);
  }

  #found(): readonly DecodedEntry[] {
    if (this.#entries !== undefined) return this.#entries;
    const entries = this.#decoded.entriesAt(this.#begin);
    if (this.#remembers) this.#entries = entries;
    return entries;
  }

  #valueOf({ value, begin }: DecodedEntry): BencodeValue {
    return value ?? this.#decoded.valueAt(begin);
  }
}

/** Of each key the first. Stable, and without a hash table that chosen keys could slow down. */
export function firstOfEach<E extends DecodedEntry>(entries: readonly E[]): readonly E[] {
  const byKey = entries.toSorted((a, b) => compareKeys(a.key, b.key));
  const first = byKey.filter((entry, index) => entry.key !== byKey[index - 1]?.key);
  return first.sort((a, b) => a.begin - b.begin);
}

/** By code units: of keys with one character a byte that is the order of their bytes. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
