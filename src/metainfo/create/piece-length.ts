// How long the pieces of a new torrent are. Measured in swarms of helpers (docs/performance.md): many short pieces cost
// each peer a `have` and a journal entry apiece, few long ones leave peers with nothing whole to give each other.

const minBytes = 16 * 1024;
const maxBytes = 16 * 1024 * 1024;
/** As in libtorrent, four times the content has twice the pieces, each twice as long; 1 GiB has 1,024 of 1 MiB. */
const pieceBytesPerRoot = 32;

/** A power of two from 16 KiB to 16 MiB: the shortest that is not below 32 × √`totalBytes`, where one is. */
export function choosePieceLength(totalBytes: number): number {
  let bytes = minBytes;
  while (bytes < maxBytes && bytes < pieceBytesPerRoot * Math.sqrt(totalBytes)) bytes *= 2;
  return bytes;
}
