// .torrent files of one file made by hand, good and bad ones, so that the stories do not depend on what our own maker writes.
import { type Bencodable, bencode } from './bencode.mjs';
import { pieceHashesOf } from './sample-torrent.js';

const pieceLengthBytes = 16 * 1024;

/** The info dictionary of one file, private. `more` replaces or adds entries. */
export function infoOf(
  name: string,
  content: Uint8Array,
  more: { readonly [key: string]: Bencodable } = {},
): Record<string, Bencodable> {
  return {
    name,
    'piece length': pieceLengthBytes,
    pieces: pieceHashesOf(content, pieceLengthBytes),
    length: content.length,
    private: 1,
    ...more,
  };
}

/** The bytes of a .torrent file. */
export function torrentOf(info: Bencodable, announce: string): Buffer {
  return bencode({ announce, info });
}
