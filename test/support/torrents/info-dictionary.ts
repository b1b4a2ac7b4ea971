// Metainfo made by hand for the parser: a torrent of 40 KiB in three pieces, and what is to be odd about it.
import { type Bencodable, encodeBencode } from '../../../src/metainfo/encode-bencode.js';

export type Fields = Readonly<Record<string, Bencodable | undefined>>;

export const KiB = 1024;

/** A dictionary without the keys whose value is undefined. */
function defined(fields: Fields): Readonly<Record<string, Bencodable>> {
  const kept: Record<string, Bencodable> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}

/** A single file of 40 KiB in three pieces, and what else is asked for. */
export function single(changes: Fields = {}) {
  return defined({
    name: 'model.bin',
    length: 40 * KiB,
    'piece length': 16 * KiB,
    pieces: new Uint8Array(60).fill(7),
    ...changes,
  });
}

/** A folder whose files have 40 KiB together, however many. */
export function folder(files: readonly Fields[], changes: Fields = {}) {
  return single({ length: undefined, files: files.map(defined), ...changes });
}

export function file(path: Bencodable, length: Bencodable = 0): Fields {
  return { path, length };
}

export function torrent(info: Bencodable, changes: Fields = {}): Uint8Array {
  return encodeBencode(defined({ info, ...changes }));
}
