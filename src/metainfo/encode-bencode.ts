// Bencoding of our own data (BEP 3).
import { compareKeys } from './bencode-values.js';

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
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'number') return encodeInteger(value);
  if (value instanceof Uint8Array) return encodeByteString(value);
  if (value instanceof Bencoded) return toBinary(value.bytes);
  if (isList(value)) return `l${value.map(encodeBinary).join('')}e`;
  const entries = Object.entries(value).sort(([a], [b]) => compareKeys(a, b));
  return `d${entries.map(([key, item]) => `${key.length}:${key}${encodeBinary(item)}`).join('')}e`;
}

function encodeText(text: string): string {
  // In ASCII each character is its byte.
  return isAscii(text) ? `${text.length}:${text}` : encodeByteString(Buffer.from(text, 'utf8'));
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
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
