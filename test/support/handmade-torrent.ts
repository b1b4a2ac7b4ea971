// Torrents made by hand, good and bad ones, so that the stories do not depend on what our own maker would write.
import { createHash } from 'node:crypto';

export type Bencodable =
  | string
  | number
  | Uint8Array
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable };

/** Bencoding (BEP 3). */
export function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return bencode(Buffer.from(value));
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  if (isList(value)) return wrap('l', value.map(bencode));
  const keys = Object.keys(value).sort();
  return wrap(
    'd',
    keys.flatMap((key) => [bencode(key), bencode(value[key] ?? '')]),
  );
}

function isList(value: Bencodable): value is readonly Bencodable[] {
  return Array.isArray(value);
}

function wrap(mark: string, parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(mark), ...parts, Buffer.from('e')]);
}

const pieceLengthBytes = 16 * 1024;

/** The info dictionary of one file, private. `more` replaces or adds entries. */
export function infoOf(
  name: string,
  content: Uint8Array,
  more: { readonly [key: string]: Bencodable } = {},
): Record<string, Bencodable> {
  const hashes: Buffer[] = [];
  for (let offset = 0; offset < content.length; offset += pieceLengthBytes) {
    const piece = content.subarray(offset, offset + pieceLengthBytes);
    hashes.push(createHash('sha1').update(piece).digest());
  }
  return {
    name,
    'piece length': pieceLengthBytes,
    pieces: Buffer.concat(hashes),
    length: content.length,
    private: 1,
    ...more,
  };
}

/** The bytes of a .torrent file. */
export function torrentOf(info: Bencodable, announce: string): Buffer {
  return bencode({ announce, info });
}
