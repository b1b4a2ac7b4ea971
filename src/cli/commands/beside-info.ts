// What a .torrent file says beside what is hashed, for people: who made it, when, and what of it they said. Nothing here
// changes what is downloaded.
import { metainfoLimits } from '../../limits.js';
import { BencodeDictionary, type BencodeValue } from '../../metainfo/bencode-values.js';
import { decodeTolerantly } from '../../metainfo/decode-bencode.js';

export interface BesideInfo {
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** Unix time. */
  readonly createdMs: number | null;
  /** Where its content lies over HTTP (BEP 19). */
  readonly webSeeds: readonly string[];
}

const nothing: BesideInfo = { comment: null, createdBy: null, createdMs: null, webSeeds: [] };
/** The last millisecond that a date can have (ECMA-262). */
const lastMs = 8.64e15;

/** `document`: a .torrent file that was parsed before. */
export function besideInfoIn(document: Uint8Array | undefined): BesideInfo {
  if (document === undefined) return nothing;
  const { value: torrent } = decodeTolerantly(document, 'metainfo');
  if (!(torrent instanceof BencodeDictionary)) return nothing;
  const created = torrent.get('creation date');
  const createdMs = typeof created === 'number' ? created * 1000 : undefined;
  return {
    comment: textOf(torrent.get('comment.utf-8')) ?? textOf(torrent.get('comment')),
    createdBy: textOf(torrent.get('created by')),
    createdMs: createdMs !== undefined && Math.abs(createdMs) <= lastMs ? createdMs : null,
    webSeeds: textsOf(torrent.get('url-list')),
  };
}

/** One URL, or a list of them. */
function textsOf(value: BencodeValue | undefined): readonly string[] {
  const isList = Array.isArray(value);
  const values: readonly BencodeValue[] = isList ? value : value === undefined ? [] : [value];
  return values.slice(0, metainfoLimits.shownWebSeeds).flatMap((each) => textOf(each) ?? []);
}

function textOf(value: BencodeValue | undefined): string | null {
  if (!(value instanceof Uint8Array) || value.length === 0) return null;
  return new TextDecoder().decode(value.subarray(0, metainfoLimits.shownTextBytes));
}
