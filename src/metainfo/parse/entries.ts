// Reads what an info dictionary says of each file (BEP 3, BEP 47): its names as they stand, and how long it is. Pure; throws
// MetainfoFlaw.

import { metainfoLimits } from '../../limits.js';
import { BencodeDictionary, type BencodeValue } from '../bencode-values.js';
import { decodeUtf8, type Name, toName } from '../names/decode-names.js';
import { invalid, unsupported } from './flaws.js';

export interface Entry {
  /** A link holds no bytes (BEP 47). */
  readonly kind: 'file' | 'padding' | 'link';
  /** None for a single-file torrent. */
  readonly names: readonly Name[];
  readonly lengthBytes: number;
  /** Where a link leads, if it says so. */
  readonly target?: readonly Name[] | undefined;
}

export interface Entries {
  readonly name: Name;
  readonly isFolder: boolean;
  readonly entries: readonly Entry[];
}

/**
 * Where a `.utf-8` variant of a name stands beside the name, as old clients wrote it beside one in another encoding, it
 * goes before it. Where both a list of files and a length stand there, the list counts, as it does elsewhere.
 */
export function parseEntries(info: BencodeDictionary): Entries {
  const name = parseName(info.get('name.utf-8'), info.get('name'));
  const list = info.get('files');
  if (list !== undefined) return { name, isFolder: true, entries: parseList(list) };
  const length = info.get('length');
  if (length === undefined) throw invalid('it has neither a length nor a list of files');
  const only: Entry = { kind: 'file', names: [], lengthBytes: parseLength(length) };
  return { name, isFolder: false, entries: [only] };
}

function parseList(list: BencodeValue): readonly Entry[] {
  if (!isList(list)) throw invalid('its files are not a list');
  if (list.length > metainfoLimits.files) {
    throw unsupported(`it has more than ${metainfoLimits.files} files`);
  }
  return list.map(parseEntry);
}

function parseEntry(item: BencodeValue): Entry {
  if (!(item instanceof BencodeDictionary)) throw invalid('one of its files is not a dictionary');
  const attributes = parseAttributes(item);
  if (attributes.includes('p')) {
    const lengthBytes = parseLength(item.get('length'));
    // It is nowhere on disk, and need not have a path.
    const names = tryPath(item) ?? ['.pad', `${lengthBytes}`];
    return { kind: 'padding', names, lengthBytes };
  }
  const names = tryPath(item);
  if (names === undefined) throw invalid('one of its files has no path');
  if (attributes.includes('l')) {
    const target = parsePath(item.get('symlink path'));
    return { kind: 'link', names, lengthBytes: 0, target };
  }
  return { kind: 'file', names, lengthBytes: parseLength(item.get('length')) };
}

function tryPath(item: BencodeDictionary): readonly Name[] | undefined {
  const utf8 = parsePath(item.get('path.utf-8'));
  if (utf8?.every((name) => typeof name === 'string')) return utf8;
  return parsePath(item.get('path')) ?? utf8;
}

/** Undefined if it is no list of names. */
function parsePath(names: BencodeValue | undefined): readonly Name[] | undefined {
  if (!isList(names) || names.length === 0) return undefined;
  const path: Name[] = [];
  for (const name of names) {
    if (!(name instanceof Uint8Array)) return undefined;
    path.push(toName(name));
  }
  return path;
}

/** The letters of BEP 47: `p` padding, `l` symbolic link; the rest changes nothing here. */
function parseAttributes(file: BencodeDictionary): string {
  const attributes = file.get('attr');
  return attributes instanceof Uint8Array ? (decodeUtf8(attributes) ?? '') : '';
}

function parseName(utf8: BencodeValue | undefined, plain: BencodeValue | undefined): Name {
  const better = utf8 instanceof Uint8Array ? toName(utf8) : undefined;
  if (typeof better === 'string') return better;
  const name = plain instanceof Uint8Array ? toName(plain) : better;
  if (name === undefined) throw invalid('its name is missing or not a string');
  return name;
}

function parseLength(value: BencodeValue | undefined): number {
  if (typeof value !== 'number' || value < 0) throw invalid('a file in it has no valid length');
  return value;
}

function isList(value: BencodeValue | undefined): value is readonly BencodeValue[] {
  return Array.isArray(value);
}
