// What the BitTorrent libraries get when they ask for the package `bencode`, in whichever version: its functions, over
// our own decoder. The package itself loops for ever at a length below zero (`d1:a-3:xe`), and follows lists as deep as
// they go. scripts/one-bencode.mjs makes the libraries use this.

import { BencodeDictionary, type BencodeValue } from './bencode-values.js';
import { decodeTolerantly } from './decode-bencode.js';
import { type Bencodable, encodeBencode } from './encode-bencode.js';
import { BencodeError } from './scan-bencode.js';

/** Strings are Buffers, as k-rpc-socket must have them; to the other libraries a Buffer is a Uint8Array. */
export type Decoded = Buffer | number | Decoded[] | DecodedDictionary;

export interface DecodedDictionary {
  [key: string]: Decoded;
}

export type Encodable =
  | string
  | number
  | boolean
  | NodeJS.ArrayBufferView
  | readonly (Encodable | Nothing)[]
  | { readonly [key: string]: Encodable | Nothing };

/** Left out of what is encoded. */
type Nothing = null | undefined;

/**
 * All that dictionaries inherit. No key can hide it or reach it, so that whatever a peer sends in the place of a number
 * or a text is `NaN` or this when it is taken for one, and nothing throws.
 */
const dictionaryPrototype = Object.freeze(
  Object.create(null, { [Symbol.toPrimitive]: { value: () => '[object Object]' } }),
);

/**
 * Reads a message of a peer or of a node of the DHT; all of them are dictionaries, and flaws that can be read over are. A
 * string stands for its UTF-8. Throws nothing but BencodeError.
 */
export function decode(message: Uint8Array | string): DecodedDictionary {
  // A copy: who keeps a few bytes of a message must not keep all that came through the socket with it.
  const bytes = typeof message === 'string' ? Buffer.from(message) : new Uint8Array(message);
  const { value } = decodeTolerantly(bytes, 'wire');
  if (!(value instanceof BencodeDictionary)) throw new BencodeError('not a dictionary', 0);
  return toObject(value);
}

/** Keys are text here, and sorted by their UTF-8. A RangeError (not a whole number) is a bug of a library. */
export function encode(value: Encodable): Buffer {
  return toBuffer(encodeBencode(toBencodable(value)));
}

// The newer version is imported as one object, the older one is required for its functions.
export default { decode, encode };

function toDecoded(value: BencodeValue): Decoded {
  if (typeof value === 'number') return value;
  if (value instanceof Uint8Array) return toBuffer(value);
  return value instanceof BencodeDictionary ? toObject(value) : value.map(toDecoded);
}

function toObject({ entries }: BencodeDictionary): DecodedDictionary {
  const object: DecodedDictionary = Object.create(dictionaryPrototype);
  for (const { key, value } of entries) object[toText(key)] = toDecoded(value);
  return object;
}

/** As the package has it: keys that are not UTF-8 are told in hex. */
function toText(key: string): string {
  const bytes = Buffer.from(key, 'latin1');
  const text = bytes.toString();
  return text.includes('\ufffd') ? bytes.toString('hex') : text;
}

function toBencodable(value: Encodable): Bencodable {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (ArrayBuffer.isView(value)) return toBuffer(value);
  if (isList(value)) return value.filter(isSomething).map(toBencodable);
  const entries = Object.entries(value).flatMap(([key, item]) =>
    isSomething(item) ? [[Buffer.from(key).toString('latin1'), toBencodable(item)] as const] : [],
  );
  return Object.fromEntries(entries);
}

function isList(value: Encodable): value is readonly (Encodable | Nothing)[] {
  return Array.isArray(value);
}

function isSomething(value: Encodable | Nothing): value is Encodable {
  return value !== null && value !== undefined;
}

/** The same bytes. */
function toBuffer({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
