// The order in which pieces are asked for. webtorrent goes from the first to the last, and then leechers that began
// together all have the same; by rarity costs it a look at every piece for every block. So: stretches, shuffled.
import type { Torrent } from 'webtorrent';

const mostStretches = 32;

/** Selects every piece once more, in stretches of a random order. For a torrent whose pieces are known, before it asks. */
export function spreadPieces(torrent: Torrent, pieceCount: number): void {
  const stretchLength = Math.ceil(pieceCount / mostStretches);
  const starts: number[] = [];
  for (let start = 0; start < pieceCount; start += stretchLength) {
    starts.splice(Math.floor(Math.random() * (starts.length + 1)), 0, start);
  }
  torrent.deselect(0, pieceCount - 1);
  for (const start of starts) {
    const end = Math.min(start + stretchLength, pieceCount) - 1;
    // As a stream's selection: neighbouring ones of the other kind are joined into one.
    torrent._select(start, end, 0, undefined, true);
  }
}
