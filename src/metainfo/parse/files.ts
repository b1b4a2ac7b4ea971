// Parses the names, lengths and offsets of a torrent's files from its info dictionary (BEP 3, BEP 47). Pure; throws
// MetainfoFlaw.

import { metainfoLimits } from '../../limits.js';
import { BencodeDictionary, type BencodeValue } from '../bencode.js';
import type { MetainfoFile } from '../metainfo.js';
import { quote, quoteBytes } from '../quote.js';
import { invalid, unsupported } from './flaws.js';
import { checkClashes, checkName, decodeUtf8 } from './names.js';

export interface Files {
  readonly name: string;
  readonly isFolder: boolean;
  readonly lengthBytes: number;
  readonly files: readonly MetainfoFile[];
}

/**
 * Parses `name` and `length` or `files`. Where a `.utf-8` variant of a name stands beside the name, as old clients
 * wrote it beside one in another encoding, it goes before it.
 */
export function parseFiles(info: BencodeDictionary, platform: NodeJS.Platform): Files {
  const name = parseName(info.get('name.utf-8') ?? info.get('name'), platform);
  const length = info.get('length');
  const list = info.get('files');
  if ((length === undefined) === (list === undefined)) {
    throw invalid('it must have either a length or a list of files');
  }
  const files: readonly MetainfoFile[] =
    list === undefined
      ? [{ path: [], lengthBytes: parseLength(length), offsetBytes: 0 }]
      : parseFileList(list, platform);
  const last = files.at(-1);
  const lengthBytes = last ? last.offsetBytes + last.lengthBytes : 0;
  if (!files.some((file) => file.lengthBytes > 0 && !file.isPadding)) {
    throw invalid('its files hold no bytes');
  }
  return { name, isFolder: list !== undefined, lengthBytes, files };
}

function parseFileList(list: BencodeValue, platform: NodeJS.Platform): readonly MetainfoFile[] {
  if (!isList(list)) throw invalid('its files are not a list');
  if (list.length > metainfoLimits.files)
    throw unsupported(`it has more than ${metainfoLimits.files} files`);
  const files: MetainfoFile[] = [];
  const paths: (readonly string[])[] = [];
  let offsetBytes = 0;
  for (const item of list) {
    const file = parseFile(item, offsetBytes, platform);
    // The paths of padding are of no use, and may well be alike.
    if (!file.isPadding) paths.push(file.path);
    files.push(file);
    offsetBytes += file.lengthBytes;
    if (!Number.isSafeInteger(offsetBytes)) throw invalid('its files are impossibly large');
  }
  checkClashes(paths, platform);
  return files;
}

function parseFile(
  item: BencodeValue,
  offsetBytes: number,
  platform: NodeJS.Platform,
): MetainfoFile {
  if (!(item instanceof BencodeDictionary)) throw invalid('one of its files is not a dictionary');
  const names = item.get('path.utf-8') ?? item.get('path');
  if (!isList(names) || names.length === 0) throw invalid('one of its files has no path');
  const path = names.map((part) => parseName(part, platform));
  const attributes = parseAttributes(item);
  if (attributes.includes('l')) {
    throw unsupported(`${quote(path.join('/'))} is a symbolic link, and those are not followed`);
  }
  const file = { path, lengthBytes: parseLength(item.get('length')), offsetBytes };
  return attributes.includes('p') ? { ...file, isPadding: true } : file;
}

/** The letters of BEP 47: `p` padding, `l` symbolic link; the rest changes nothing here. */
function parseAttributes(file: BencodeDictionary): string {
  const attributes = file.get('attr');
  return attributes instanceof Uint8Array ? (decodeUtf8(attributes) ?? '') : '';
}

function parseName(value: BencodeValue | undefined, platform: NodeJS.Platform): string {
  if (!(value instanceof Uint8Array)) throw invalid('a name in it is missing or not a string');
  const name = decodeUtf8(value);
  if (name === undefined) {
    throw invalid(`the name ${quoteBytes(value)} in it is not UTF-8`);
  }
  checkName(name, platform);
  return name;
}

function parseLength(value: BencodeValue | undefined): number {
  if (typeof value !== 'number' || value < 0) throw invalid('a file in it has no valid length');
  return value;
}

function isList(value: BencodeValue | undefined): value is readonly BencodeValue[] {
  return Array.isArray(value);
}
