// The query of a URL, as bytes: what is percent-encoded there is no UTF-8 and must not be read as such. Pure.

/** As node:querystring has it. */
const mostParameters = 1_000;
const plus = 0x2b;
const percent = 0x25;
const space = 0x20;
/** By the code of a hex digit its value, -1 of what is none. */
const hexValues = Int8Array.from({ length: 256 }, (_, code) => {
  const digit = String.fromCharCode(code);
  return /[\da-f]/i.test(digit) ? Number.parseInt(digit, 16) : -1;
});

export class QueryParameters {
  readonly #names: string[] = [];
  /** As they are written. */
  readonly #values: string[] = [];

  constructor(query: string) {
    for (let start = 0; start < query.length && this.#names.length < mostParameters; ) {
      const next = query.indexOf('&', start);
      const end = next < 0 ? query.length : next;
      const equals = query.indexOf('=', start);
      const nameEnd = equals < 0 || equals > end ? end : equals;
      if (end > start) {
        this.#names.push(toText(query.slice(start, nameEnd)));
        this.#values.push(query.slice(nameEnd + 1, end));
      }
      start = end + 1;
    }
  }

  /** Undefined if it is missing, or there more than once. */
  one(name: string): string | undefined {
    const index = this.#names.indexOf(name);
    if (index < 0 || this.#names.indexOf(name, index + 1) >= 0) return undefined;
    return toText(this.#values[index] ?? '');
  }

  /** The same as bytes. */
  bytes(name: string): Buffer | undefined {
    const index = this.#names.indexOf(name);
    if (index < 0 || this.#names.indexOf(name, index + 1) >= 0) return undefined;
    return toBytes(this.#values[index] ?? '');
  }

  all(name: string): readonly Buffer[] {
    return this.#values.filter((_, index) => this.#names[index] === name).map(toBytes);
  }

  first(name: string): string | undefined {
    const value = this.#values[this.#names.indexOf(name)];
    return value && toText(value);
  }
}

/** One character a byte. */
function toText(written: string): string {
  const isPlain = !written.includes('%') && !written.includes('+');
  return isPlain ? written : toBytes(written).toString('latin1');
}

/** A percent sign without two hex digits behind it stands for itself. */
function toBytes(written: string): Buffer {
  const bytes = Buffer.allocUnsafe(written.length);
  let end = 0;
  for (let index = 0; index < written.length; index++) {
    const code = written.charCodeAt(index);
    const value = code === percent ? hexAt(written, index + 1) : -1;
    if (value >= 0) index += 2;
    if (value >= 0) bytes[end] = value;
    else bytes[end] = code === plus ? space : code;
    end += 1;
  }
  return bytes.subarray(0, end);
}

function hexAt(text: string, index: number): number {
  const high = hexValues[text.charCodeAt(index)] ?? -1;
  const low = hexValues[text.charCodeAt(index + 1)] ?? -1;
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}
