// The text of a torrent's names. Pure. They are UTF-8, or in the encoding that the torrent names, or else what most of
// those were made in: windows-1252, in which all bytes are text.
import { isUtf8 } from 'node:buffer';

/** A name that is not UTF-8: its bytes, one character each, until it is known what they are. */
export class RawName {
  constructor(readonly latin1: string) {}
}

/** As it stands in a torrent. */
export type Name = string | RawName;

/** What the names that are not UTF-8 were taken for. */
export interface NameDecoder {
  readonly label: string;
  /** The torrent names no encoding, or one that its names are not in. */
  readonly isGuess: boolean;
  decode(name: RawName): string;
}

/** The letters of windows-1252 from 0x80 on; from 0xa0 on they are those of Latin-1. */
const windowsLetters = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const windowsLabel = 'windows-1252';

/** Longer than any label there is. */
const longestLabel = 40;

/** The text of UTF-8 bytes, a byte order mark included, or undefined where they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

export function toName(bytes: Uint8Array): Name {
  return decodeUtf8(bytes) ?? new RawName(Buffer.from(bytes).toString('latin1'));
}

/** `encoding`: the label that the torrent names. It counts if every one of the names is text in it. */
export function chooseNameDecoder(
  names: readonly RawName[],
  encoding: string | undefined,
): NameDecoder {
  const named = encoding === undefined ? undefined : strictDecoder(encoding);
  if (named && canDecode(named, names)) return named;
  return { ...windowsDecoder, isGuess: true };
}

const windowsDecoder: NameDecoder = {
  label: windowsLabel,
  isGuess: false,
  decode: ({ latin1 }) =>
    latin1.replace(/[\x80-\x9f]/g, (letter) => windowsLetters[letter.charCodeAt(0) - 0x80] ?? ''),
};

/** Undefined for what this Node does not know, and for what cannot be: UTF-8, and the two of a zero in every letter. */
function strictDecoder(encoding: string): NameDecoder | undefined {
  try {
    const decoder = new TextDecoder(encoding.slice(0, longestLabel), { fatal: true });
    const label = decoder.encoding;
    if (label.startsWith('utf-')) return undefined;
    // Some versions of Node take it for Latin-1, and a name must not depend on them.
    if (label === windowsLabel) return windowsDecoder;
    const decode = ({ latin1 }: RawName) => decoder.decode(Buffer.from(latin1, 'latin1'));
    return { label, isGuess: false, decode };
  } catch {
    return undefined;
  }
}

/** One that fails is enough: what a name that is none throws is dear. */
function canDecode({ decode }: NameDecoder, names: readonly RawName[]): boolean {
  try {
    return names.every((name) => decode(name) !== '');
  } catch {
    return false;
  }
}
