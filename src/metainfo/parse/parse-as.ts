// What bytes of metainfo are to be read as, as data: it says the same in whichever thread they are parsed. Pure.
import type { Metainfo } from '../metainfo.js';
import { parseInfo, parseMetainfo } from './parse-metainfo.js';

export type Unparsed =
  /** A .torrent file. */
  | { readonly kind: 'torrent'; readonly origin: string }
  /** A .torrent file of which the info dictionary alone counts for the names, as it does for who has it from a swarm. */
  | { readonly kind: 'torrent of a link'; readonly origin: string }
  /** A bare info dictionary, and the announce URLs that go with it. */
  | {
      readonly kind: 'info';
      readonly origin: string;
      readonly announce: readonly (readonly string[])[];
    };

/** Throws as `parseMetainfo` does. */
export function parseAs(bytes: Uint8Array, as: Unparsed): Metainfo {
  const { kind, origin } = as;
  if (kind === 'info') return parseInfo(bytes, as.announce, origin);
  const read = parseMetainfo(bytes, origin);
  if (kind === 'torrent' || read.encoding === undefined) return read;
  return parseInfo(read.info, read.announce, origin);
}
