// Decodes what is bencoded (BEP 3). It is meant for hostile input: its depth and the number of values are bounded, its
// time is that of the input's size, and it throws nothing but BencodeError. It is strict, or tolerant where asked.

import {
  BencodeDictionary,
  type BencodeValue,
  type DecodedEntry,
  type DecodedInput,
  type DictionaryEntry,
  firstOfEach,
} from './bencode-values.js';
import { BencodeError, type BencodeFlaws, letter, Scanner } from './scan-bencode.js';

/** How deep values may be nested and how many there may be: a byte of input could else cost a hundred of memory. */
const bounds = {
  /** Real torrents nest five deep, BitTorrent v2's file trees a little more. */
  metainfo: { maxDepth: 100, maxValues: 2_000_000, isLazy: true },
  /** An info dictionary: what is left when room is kept for the metainfo that it will stand in. */
  info: { maxDepth: 99, maxValues: 1_999_000, isLazy: true },
  /** Messages nest three deep. A tracker's longest answer, all peers and each a dictionary, has as many values. */
  wire: { maxDepth: 16, maxValues: 2 ** 17, isLazy: false },
};

/** `wire`: what peers, nodes of the DHT and trackers say. */
export type BencodeKind = keyof typeof bounds;

type Bounds = (typeof bounds)[BencodeKind];

export interface TolerantlyDecoded {
  readonly value: BencodeValue;
  /** Undefined where all of it is as it should be. */
  readonly flaws: BencodeFlaws | undefined;
  /** Where the value ends, and whatever follows it begins. */
  readonly end: number;
}

/**
 * Decodes one value that must take up all of `bytes`. Integers and lengths are in their shortest form and within
 * ±2^53; no key comes twice. Keys out of order are let through, as torrents in the wild have them, and hashes are made
 * from the raw bytes, never from a re-encoding.
 *
 * @param kind says within which bounds
 */
export function decodeBencode(bytes: Uint8Array, kind: BencodeKind = 'metainfo'): BencodeValue {
  return new Decoder(bytes, bounds[kind]).whole();
}

/**
 * Decodes one value as others do who read what people have: of a key that comes twice the first counts, a number with
 * needless zeroes is read, one that is none or too large is as if it were not there, and so is what follows the value.
 * The info dictionary of metainfo is decoded strictly all the same, and may not come twice: it is what the hash covers.
 */
export function decodeTolerantly(bytes: Uint8Array, kind: 'metainfo' | 'wire'): TolerantlyDecoded {
  const decoder = new Decoder(bytes, bounds[kind], {
    strictKey: kind === 'metainfo' ? 'info' : undefined,
  });
  return { value: decoder.whole(), flaws: decoder.flaws, end: decoder.end };
}

/** In the place of what is not kept. */
const nothing = new Uint8Array();

/** Of the outermost dictionary, the key whose value is decoded strictly all the same, and which comes once. */
interface Tolerance {
  readonly strictKey: string | undefined;
}

class Decoder implements DecodedInput {
  readonly input: Uint8Array;
  #values = 0;
  /** Within a lazy dictionary: all is validated, and nothing kept. */
  #isSkipping = false;
  /** Where the keys of the dictionaries begin and end that it is within. */
  readonly #keys: number[] = [];
  readonly #bounds: Bounds;
  readonly #strictKey: string | undefined;
  readonly #scan: Scanner;

  constructor(input: Uint8Array, within: Bounds, tolerance?: Tolerance) {
    this.#bounds = within;
    this.#strictKey = tolerance?.strictKey;
    this.#scan = new Scanner(input, tolerance !== undefined);
    this.input = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }

  get flaws(): BencodeFlaws | undefined {
    return this.#scan.flaws;
  }

  /** Where what was decoded last ends. */
  get end(): number {
    return this.#scan.offset;
  }

  whole(): BencodeValue {
    const value = this.#value(0);
    if (value === undefined) throw new BencodeError('bad number', 0);
    if (this.#scan.offset !== this.#scan.bytes.length)
      this.#scan.flaw('trailing bytes', this.#scan.offset);
    this.#scan.isFirstTime = false;
    return value;
  }

  /** Undefined where it is a number that cannot be read, and that is read over. */
  #value(depth: number): BencodeValue | undefined {
    this.#values += 1;
    if (this.#values > this.#bounds.maxValues) throw this.#scan.error('too many values');
    if (depth > this.#bounds.maxDepth) throw this.#scan.error('nested too deep');
    switch (this.#scan.bytes[this.#scan.offset]) {
      case letter.i:
        this.#scan.offset += 1;
        return this.#scan.number();
      case letter.l:
        return this.#list(depth);
      case letter.d:
        return this.#dictionary(depth);
      default:
        return this.#byteString();
    }
  }

  /** Of what was decoded before. */
  valueAt(begin: number): BencodeValue {
    this.#scan.offset = begin;
    this.#values = 0;
    return this.#value(0) ?? nothing;
  }

  /** Of a dictionary that was decoded before. */
  entriesAt(begin: number): readonly DecodedEntry[] {
    this.#scan.offset = begin;
    this.#values = 0;
    const entries: DecodedEntry[] = [];
    const hasRepeats = this.#skip(() =>
      this.#walk(0, (key, _, at) => entries.push({ key, begin: at, end: this.#scan.offset })),
    );
    return hasRepeats ? firstOfEach(entries) : entries;
  }

  /** Of a dictionary that was decoded before: goes no further than it has to. */
  entryAt(begin: number, key: string): DecodedEntry | undefined {
    this.#scan.offset = begin + 1;
    this.#values = 0;
    return this.#skip(() => {
      while (this.#scan.bytes[this.#scan.offset] !== letter.e) {
        const isIt = this.#scan.isText(key, this.#scan.string(), this.#scan.offset);
        const at = this.#scan.offset;
        const isThere = this.#value(1) !== undefined;
        if (isIt && isThere) return { key, begin: at, end: this.#scan.offset };
      }
      return undefined;
    });
  }

  #skip<T>(walk: () => T): T {
    this.#isSkipping = true;
    const found = walk();
    this.#isSkipping = false;
    return found;
  }

  #list(depth: number): BencodeValue {
    const items: BencodeValue[] | undefined = this.#isSkipping ? undefined : [];
    this.#scan.offset += 1;
    while (this.#scan.bytes[this.#scan.offset] !== letter.e) {
      const item = this.#value(depth + 1);
      if (item !== undefined) items?.push(item);
    }
    this.#scan.offset += 1;
    return items ?? nothing;
  }

  #dictionary(depth: number): BencodeValue {
    const from = this.#scan.offset;
    if (this.#isSkipping) {
      this.#walk(depth);
      return nothing;
    }
    if (this.#bounds.isLazy) {
      this.#skip(() => this.#walk(depth));
      return new BencodeDictionary(this, from, this.#scan.offset, depth > 0);
    }
    const entries: DictionaryEntry[] = [];
    const hasRepeats = this.#walk(depth, (key, value, begin) => {
      entries.push({ key, value, begin, end: this.#scan.offset });
    });
    return new BencodeDictionary(
      this,
      from,
      this.#scan.offset,
      false,
      hasRepeats ? firstOfEach(entries) : entries,
    );
  }

  /** Whether a key comes more than once. Of a hundred thousand dictionaries that are skipped no key is made text. */
  #walk(
    depth: number,
    onEntry?: (key: string, value: BencodeValue, begin: number) => void,
  ): boolean {
    const from = this.#scan.offset;
    const base = this.#keys.length;
    let keyBegin = 0;
    let keyEnd = 0;
    let isSorted = true;
    let isStrictKeySeen = false;
    this.#scan.offset += 1;
    while (this.#scan.bytes[this.#scan.offset] !== letter.e) {
      const before = keyBegin;
      const beforeEnd = keyEnd;
      keyBegin = this.#scan.string();
      keyEnd = this.#scan.offset;
      const isFirst = this.#keys.length === base;
      if (!isFirst && isSorted) isSorted = this.#scan.isBefore(before, beforeEnd, keyBegin, keyEnd);
      this.#keys.push(keyBegin, keyEnd);
      const begin = keyEnd;
      const isStrict = depth === 0 && this.#scan.isFirstTime && this.#isStrictKey(keyBegin, keyEnd);
      if (isStrict) {
        if (isStrictKeySeen) {
          throw new BencodeError(`the key '${this.#strictKey}' comes twice`, begin);
        }
        isStrictKeySeen = true;
        this.#scan.isTolerant = false;
      }
      const value = this.#value(depth + 1);
      if (isStrict) this.#scan.isTolerant = true;
      if (value !== undefined && onEntry) onEntry(this.#text(keyBegin, keyEnd), value, begin);
    }
    const hasRepeats = !isSorted && hasDuplicate(this.#keysFrom(base));
    if (hasRepeats) this.#scan.flaw('a key comes twice in the dictionary', from);
    this.#keys.length = base;
    this.#scan.offset += 1;
    return hasRepeats;
  }

  #isStrictKey(begin: number, end: number): boolean {
    return this.#strictKey !== undefined && this.#scan.isText(this.#strictKey, begin, end);
  }

  #keysFrom(base: number): readonly string[] {
    const keys: string[] = [];
    for (let at = base; at < this.#keys.length; at += 2) {
      keys.push(this.#text(this.#keys[at] ?? 0, this.#keys[at + 1] ?? 0));
    }
    return keys;
  }

  #text(begin: number, end: number): string {
    return this.#scan.bytes.toString('latin1', begin, end);
  }

  #byteString(): Uint8Array {
    const begin = this.#scan.string();
    return this.#isSkipping ? nothing : this.input.subarray(begin, this.#scan.offset);
  }
}

function hasDuplicate(keys: readonly string[]): boolean {
  const sorted = keys.toSorted();
  return sorted.some((key, index) => key === sorted[index + 1]);
}
