// Bencoding (BEP 3), both ways. The decoder is meant for hostile input: its depth and the number of values are bounded,
// its time is that of the input's size, and it throws nothing but BencodeError. It is strict, or tolerant where asked.

/** How deep values may be nested and how many there may be: a byte of input could else cost a hundred of memory. */
const bounds = {
  /** Real torrents nest five deep, BitTorrent v2's file trees a little more. */
  metainfo: { maxDepth: 100, maxValues: 2_000_000, isLazy: true },
  /** An info dictionary: what is left when room is kept for the metainfo that it will stand in. */
  info: { maxDepth: 99, maxValues: 1_999_000, isLazy: true },
  /** Messages nest three deep. A tracker's longest answer, all peers and each a dictionary, has as many values. */
  wire: { maxDepth: 16, maxValues: 2 ** 17, isLazy: false },
};

/** Where the entries of a lazy dictionary of more bytes lie is remembered; of smaller ones it is found out again. */
const smallBytes = 4_096;

/** `wire`: what peers, nodes of the DHT and trackers say. */
export type BencodeKind = keyof typeof bounds;

type Bounds = (typeof bounds)[BencodeKind];

/** What a tolerant decoder read over. */
export interface BencodeFlaws {
  /** Such as `a key comes twice at byte 12`. */
  readonly first: string;
  readonly count: number;
}

export interface TolerantlyDecoded {
  readonly value: BencodeValue;
  /** Undefined where all of it is as it should be. */
  readonly flaws: BencodeFlaws | undefined;
  /** Where the value ends, and whatever follows it begins. */
  readonly end: number;
}

/** Byte strings stay bytes, views into the input: only the reader of a key knows which of them are text. */
export type BencodeValue = Uint8Array | number | readonly BencodeValue[] | BencodeDictionary;

interface DictionaryEntry {
  /** One character a byte (latin1), so that keys sort as their raw bytes do. */
  readonly key: string;
  readonly value: BencodeValue;
  /** Where the value lies in the input. */
  readonly begin: number;
  readonly end: number;
}

/** Of a lazy dictionary it has no value. */
type Entry = Omit<DictionaryEntry, 'value'> & Partial<DictionaryEntry>;

/**
 * A decoded dictionary: a list of entries and not a Map, so that millions of empty ones stay small and no choice of
 * keys makes the hash table slow. Looking up is linear; readers ask for a handful of keys. Those of metainfo are lazy,
 * validated but not kept: it may hold a million names, of which none is needed for long, and others that nobody asks for.
 */
export class BencodeDictionary {
  readonly #decoder: Decoder;
  readonly #begin: number;
  readonly #end: number;
  #entries: readonly Entry[] | undefined;

  constructor(decoder: Decoder, begin: number, entries?: readonly DictionaryEntry[]) {
    this.#decoder = decoder;
    this.#begin = begin;
    this.#end = decoder.offset;
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
    return entry && this.#decoder.input.subarray(entry.begin, entry.end);
  }

  #find(key: string): Entry | undefined {
    return this.#found().find((entry) => entry.key === key);
  }

  #found(): readonly Entry[] {
    if (this.#entries !== undefined) return this.#entries;
    const entries = this.#decoder.entriesAt(this.#begin);
    if (this.#end - this.#begin > smallBytes) this.#entries = entries;
    return entries;
  }

  #valueOf({ value, begin }: Entry): BencodeValue {
    return value ?? this.#decoder.valueAt(begin);
  }
}

/** The input is not bencoded, or goes beyond the bounds. `offset`: the byte at which it went wrong. */
export class BencodeError extends Error {
  override readonly name = 'BencodeError';

  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(`${message} at byte ${offset}`);
  }
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
  return { value: decoder.whole(), flaws: decoder.flaws, end: decoder.offset };
}

const letter = {
  d: 0x64,
  e: 0x65,
  i: 0x69,
  l: 0x6c,
  colon: 0x3a,
  minus: 0x2d,
  zero: 0x30,
  nine: 0x39,
};

/** So many digits make no number that is too large. */
const maxPlainDigits = 15;

/** In the place of what is not kept. */
const nothing = new Uint8Array();

/** Of the outermost dictionary, the key whose value is decoded strictly all the same, and which comes once. */
interface Tolerance {
  readonly strictKey: string | undefined;
}

class Decoder {
  offset = 0;
  readonly input: Uint8Array;
  #values = 0;
  /** Within a lazy dictionary: all is validated, and nothing kept. */
  #isSkipping = false;
  #isTolerant: boolean;
  /** Reading it whole, for the first time. What was read before is found again in the same way. */
  #isFirstTime = true;
  #firstFlaw = '';
  #flawCount = 0;
  readonly #bounds: Bounds;
  readonly #strictKey: string | undefined;
  /** The same bytes, for the methods of Buffer. */
  readonly #bytes: Buffer;

  constructor(input: Uint8Array, within: Bounds, tolerance?: Tolerance) {
    this.#bounds = within;
    this.#isTolerant = tolerance !== undefined;
    this.#strictKey = tolerance?.strictKey;
    this.#bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    this.input = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }

  get flaws(): BencodeFlaws | undefined {
    return this.#flawCount === 0 ? undefined : { first: this.#firstFlaw, count: this.#flawCount };
  }

  whole(): BencodeValue {
    const value = this.#value(0);
    if (value === undefined) throw new BencodeError('bad number', 0);
    if (this.offset !== this.#bytes.length) this.#flaw('trailing bytes', this.offset);
    this.#isFirstTime = false;
    return value;
  }

  /** Undefined where it is a number that cannot be read, and that is read over. */
  #value(depth: number): BencodeValue | undefined {
    this.#values += 1;
    if (this.#values > this.#bounds.maxValues) throw this.#error('too many values');
    if (depth > this.#bounds.maxDepth) throw this.#error('nested too deep');
    switch (this.#bytes[this.offset]) {
      case letter.i:
        this.offset += 1;
        return this.#number();
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
    this.offset = begin;
    this.#values = 0;
    return this.#value(0) ?? nothing;
  }

  /** Of a dictionary that was decoded before. */
  entriesAt(begin: number): readonly Entry[] {
    this.offset = begin;
    this.#values = 0;
    const entries: Entry[] = [];
    const hasRepeats = this.#skip(() =>
      this.#walk(0, (key, _, at) => entries.push({ key, begin: at, end: this.offset })),
    );
    return hasRepeats ? firstOfEach(entries) : entries;
  }

  #skip(walk: () => boolean): boolean {
    this.#isSkipping = true;
    const hasRepeats = walk();
    this.#isSkipping = false;
    return hasRepeats;
  }

  #list(depth: number): BencodeValue {
    const items: BencodeValue[] | undefined = this.#isSkipping ? undefined : [];
    this.offset += 1;
    while (this.#bytes[this.offset] !== letter.e) {
      const item = this.#value(depth + 1);
      if (item !== undefined) items?.push(item);
    }
    this.offset += 1;
    return items ?? nothing;
  }

  #dictionary(depth: number): BencodeValue {
    const from = this.offset;
    if (this.#isSkipping) {
      this.#walk(depth, () => {});
      return nothing;
    }
    if (this.#bounds.isLazy) {
      this.#skip(() => this.#walk(depth, () => {}));
      return new BencodeDictionary(this, from);
    }
    const entries: DictionaryEntry[] = [];
    const hasRepeats = this.#walk(depth, (key, value, begin) => {
      entries.push({ key, value, begin, end: this.offset });
    });
    return new BencodeDictionary(this, from, hasRepeats ? firstOfEach(entries) : entries);
  }

  /** Whether a key comes more than once. */
  #walk(
    depth: number,
    onEntry: (key: string, value: BencodeValue, begin: number) => void,
  ): boolean {
    const from = this.offset;
    const keys: string[] = [];
    let last: string | undefined;
    let isSorted = true;
    let isStrictKeySeen = false;
    this.offset += 1;
    while (this.#bytes[this.offset] !== letter.e) {
      const key = this.#key();
      if (last !== undefined && key <= last) isSorted = false;
      last = key;
      keys.push(key);
      const begin = this.offset;
      const isStrict = depth === 0 && this.#isFirstTime && key === this.#strictKey;
      if (isStrict) {
        if (isStrictKeySeen) throw new BencodeError(`the key '${key}' comes twice`, begin);
        isStrictKeySeen = true;
        this.#isTolerant = false;
      }
      const value = this.#value(depth + 1);
      if (isStrict) this.#isTolerant = true;
      if (value !== undefined) onEntry(key, value, begin);
    }
    const hasRepeats = !isSorted && hasDuplicate(keys);
    if (hasRepeats) this.#flaw('a key comes twice in the dictionary', from);
    this.offset += 1;
    return hasRepeats;
  }

  #key(): string {
    const [begin, end] = this.#stringSpan();
    return this.#bytes.toString('latin1', begin, end);
  }

  #byteString(): Uint8Array {
    const [begin, end] = this.#stringSpan();
    return this.#isSkipping ? nothing : this.input.subarray(begin, end);
  }

  #stringSpan(): readonly [begin: number, end: number] {
    const from = this.offset;
    if (!isDigit(this.#bytes[from])) {
      throw this.#error(from < this.#bytes.length ? 'unexpected byte' : 'unexpected end');
    }
    const length = this.#integer(letter.colon);
    const begin = this.offset;
    if (length > this.#bytes.length - begin) throw new BencodeError('string past the end', from);
    this.offset = begin + length;
    return [begin, this.offset];
  }

  /** The rest of `i…e`. */
  #number(): number | undefined {
    if (!this.#isTolerant || this.#isPlainNumber()) return this.#integer(letter.e);
    const from = this.offset;
    const end = this.#bytes.indexOf(letter.e, from);
    if (end === -1) throw new BencodeError('unexpected end', this.#bytes.length);
    const text = this.#bytes.toString('latin1', from, end);
    this.offset = end + 1;
    const number = Number(text) || 0;
    if (!/^[ -~]*$/.test(text)) throw new BencodeError('bad number', from);
    const isReadable = /^[+-]?\d+$/.test(text) && Number.isSafeInteger(number);
    if (isReadable && `${number}` === text) return number;
    this.#flaw(
      isReadable ? 'number with a needless zero or sign' : 'number too large, or none',
      from,
    );
    return isReadable ? number : undefined;
  }

  /** Whether it is one that cannot be too large, and has no needless zero or sign. */
  #isPlainNumber(): boolean {
    const first = this.offset;
    let at = first;
    while (isDigit(this.#bytes[at])) at += 1;
    const digits = at - first;
    const hasLeadingZero = digits > 1 && this.#bytes[first] === letter.zero;
    const isShort = digits > 0 && digits <= maxPlainDigits;
    return isShort && !hasLeadingZero && this.#bytes[at] === letter.e;
  }

  /** Reads digits up to `terminator`, and steps over it. */
  #integer(terminator: number): number {
    const from = this.offset;
    const isNegative = this.#bytes[from] === letter.minus;
    if (isNegative) this.offset += 1;
    const firstDigit = this.offset;
    let magnitude = 0;
    for (;;) {
      const byte = this.#bytes[this.offset];
      if (byte === undefined || !isDigit(byte)) break;
      magnitude = magnitude * 10 + (byte - letter.zero);
      if (magnitude > Number.MAX_SAFE_INTEGER) throw new BencodeError('number too large', from);
      this.offset += 1;
    }
    const digits = this.offset - firstDigit;
    if (digits === 0 || this.#bytes[this.offset] !== terminator) throw this.#error('bad number');
    const hasLeadingZero = digits > 1 && this.#bytes[firstDigit] === letter.zero;
    if (hasLeadingZero || (isNegative && magnitude === 0)) {
      this.#flaw('number with a needless zero or sign', from);
    }
    this.offset += 1;
    return isNegative ? -magnitude : magnitude;
  }

  /** Where it may be read over, it is counted. */
  #flaw(message: string, offset: number): void {
    if (!this.#isTolerant) throw new BencodeError(message, offset);
    if (!this.#isFirstTime) return;
    if (this.#flawCount === 0) this.#firstFlaw = `${message} at byte ${offset}`;
    this.#flawCount += 1;
  }

  #error(message: string): BencodeError {
    return new BencodeError(message, this.offset);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= letter.zero && byte <= letter.nine;
}

function hasDuplicate(keys: readonly string[]): boolean {
  const sorted = keys.toSorted();
  return sorted.some((key, index) => key === sorted[index + 1]);
}

/** Stable, and without a hash table that chosen keys could slow down. */
function firstOfEach<E extends Entry>(entries: readonly E[]): readonly E[] {
  const byKey = entries.toSorted((a, b) => compare(a.key, b.key));
  const first = byKey.filter((entry, index) => entry.key !== byKey[index - 1]?.key);
  return first.sort((a, b) => a.begin - b.begin);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Bytes that are bencoded already and are embedded as they stand. */
export class Bencoded {
  constructor(readonly bytes: Uint8Array) {}
}

/** What can be encoded: text goes out as UTF-8, keys as one byte a character. */
export type Bencodable =
  | string
  | number
  | Uint8Array
  | Bencoded
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable };

/** Encodes our own data, keys sorted by their raw bytes. Numbers must be safe integers; a RangeError is a bug. */
export function encodeBencode(value: Bencodable): Uint8Array {
  return new Uint8Array(Buffer.from(encodeBinary(value), 'latin1'));
}

/** Builds one string, one character a byte: a hundred thousand small pieces are joined quicker so than as buffers. */
function encodeBinary(value: Bencodable): string {
  if (typeof value === 'string') return encodeByteString(Buffer.from(value, 'utf8'));
  if (typeof value === 'number') return encodeInteger(value);
  if (value instanceof Uint8Array) return encodeByteString(value);
  if (value instanceof Bencoded) return toBinary(value.bytes);
  if (isList(value)) return `l${value.map(encodeBinary).join('')}e`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `d${entries.map(([key, item]) => `${key.length}:${key}${encodeBinary(item)}`).join('')}e`;
}

function encodeInteger(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
  return `i${value}e`;
}

function encodeByteString(bytes: Uint8Array): string {
  return `${bytes.length}:${toBinary(bytes)}`;
}

function toBinary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function isList(value: Bencodable): value is readonly Bencodable[] {
  return Array.isArray(value);
}
