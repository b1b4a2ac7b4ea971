// Whether a peer is a seeder, by the pieces it says it has.
import type { BitField } from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';

/** False as long as the torrent's own pieces are not known. */
export function hasEverything(pieces: BitField, torrent: Torrent): boolean {
  const pieceCount = torrent.pieces.length;
  for (let index = 0; index < pieceCount; index++) if (!pieces.get(index)) return false;
  return pieceCount > 0;
}
