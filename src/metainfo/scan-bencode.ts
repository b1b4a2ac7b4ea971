// Reads numbers and byte strings off bencoded bytes (BEP 3), and tells what is wrong with them: a flaw that is read over,
// or the end of it.

/** What a tolerant decoder read over. */
export interface BencodeFlaws {
  /** Such as `a key comes twice at byte 12`. */
  readonly first: string;
  readonly count: number;
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

export const letter = {
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

/** Stands at a byte of the input, and remembers what was read over before. */
export class Scanner {
  offset = 0;
  readonly bytes: Buffer;
  /** What can be read over is. */
  isTolerant: boolean;
  /** What was read before is found again in the same way, and its flaws are not counted again. */
  isFirstTime = true;
  #firstFlaw = '';
  #flawCount = 0;

  constructor(input: Uint8Array, isTolerant: boolean) {
    this.bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    this.isTolerant = isTolerant;
  }

  get flaws(): BencodeFlaws | undefined {
    return this.#flawCount === 0 ? undefined : { first: this.#firstFlaw, count: this.#flawCount };
  }

  /** Steps over a byte string, and tells where it begins. */
  string(): number {
    const from = this.offset;
    if (!isDigit(this.bytes[from])) {
      throw this.error(from < this.bytes.length ? 'unexpected byte' : 'unexpected end');
    }
    const length = this.#integer(letter.colon);
    const begin = this.offset;
    if (length > this.bytes.length - begin) throw new BencodeError('string past the end', from);
    this.offset = begin + length;
    return begin;
  }

  /** Whether these bytes are `text`, one character a byte. */
  isText(text: string, begin: number, end: number): boolean {
    if (text.length !== end - begin) return false;
    for (let at = 0; at < text.length; at++) {
      if (text.charCodeAt(at) !== this.bytes[begin + at]) return false;
    }
    return true;
  }

  /** Whether some bytes come before others, as keys do. */
  isBefore(begin: number, end: number, otherBegin: number, otherEnd: number): boolean {
    const common = Math.min(end - begin, otherEnd - otherBegin);
    for (let at = 0; at < common; at++) {
      const difference = (this.bytes[begin + at] ?? 0) - (this.bytes[otherBegin + at] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return end - begin < otherEnd - otherBegin;
  }

  /** The rest of `i…e`. */
  number(): number | undefined {
    const from = this.offset;
    const plain = this.#plainNumber();
    if (plain !== undefined) return plain;
    if (!this.isTolerant) return this.#integer(letter.e);
    const end = this.bytes.indexOf(letter.e, from);
    if (end === -1) throw new BencodeError('unexpected end', this.bytes.length);
    const text = this.bytes.toString('latin1', from, end);
    this.offset = end + 1;
    const number = Number(text) || 0;
    if (!/^[ -~]*$/.test(text)) throw new BencodeError('bad number', from);
    const isReadable = /^[+-]?\d+$/.test(text) && Number.isSafeInteger(number);
    if (isReadable && `${number}` === text) return number;
    this.flaw(
      isReadable ? 'number with a needless zero or sign' : 'number too large, or none',
      from,
    );
    return isReadable ? number : undefined;
  }

  /** One that cannot be too large, and has no needless zero or sign; else undefined, and nothing was read. */
  #plainNumber(): number | undefined {
    const first = this.offset;
    let at = first;
    let number = 0;
    for (let byte = this.bytes[at]; isDigit(byte); byte = this.bytes[at]) {
      number = number * 10 + byte - letter.zero;
      at += 1;
    }
    const digits = at - first;
    const hasLeadingZero = digits > 1 && this.bytes[first] === letter.zero;
    const isShort = digits > 0 && digits <= maxPlainDigits;
    if (!isShort || hasLeadingZero || this.bytes[at] !== letter.e) return undefined;
    this.offset = at + 1;
    return number;
  }

  /** Reads digits up to `terminator`, and steps over it. */
  #integer(terminator: number): number {
    const from = this.offset;
    const isNegative = this.bytes[from] === letter.minus;
    if (isNegative) this.offset += 1;
    const firstDigit = this.offset;
    let magnitude = 0;
    for (;;) {
      const byte = this.bytes[this.offset];
      if (byte === undefined || !isDigit(byte)) break;
      magnitude = magnitude * 10 + (byte - letter.zero);
      if (magnitude > Number.MAX_SAFE_INTEGER) throw new BencodeError('number too large', from);
      this.offset += 1;
    }
    const digits = this.offset - firstDigit;
    if (digits === 0 || this.bytes[this.offset] !== terminator) throw this.error('bad number');
    const hasLeadingZero = digits > 1 && this.bytes[firstDigit] === letter.zero;
    if (hasLeadingZero || (isNegative && magnitude === 0)) {
      this.flaw('number with a needless zero or sign', from);
    }
    this.offset += 1;
    return isNegative ? -magnitude : magnitude;
  }

  /** Where it may be read over, it is counted. */
  flaw(message: string, offset: number): void {
    if (!this.isTolerant) throw new BencodeError(message, offset);
    if (!this.isFirstTime) return;
    if (this.#flawCount === 0) this.#firstFlaw = `${message} at byte ${offset}`;
    this.#flawCount += 1;
  }

  error(message: string): BencodeError {
    return new BencodeError(message, this.offset);
  }
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= letter.zero && byte <= letter.nine;
}
