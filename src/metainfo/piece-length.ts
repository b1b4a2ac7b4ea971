// How long the pieces of a new torrent are.

const minBytes = 16 * 1024;
const maxBytes = 16 * 1024 * 1024;
/** Fewer pieces make coarse progress and slow starts, more make large metainfo and much bookkeeping. */
const aimedPieces = 2000;

/** A power of two from 16 KiB to 16 MiB: the shortest that makes at most 2,000 pieces, where one does. */
export function choosePieceLength(totalBytes: number): number {
  let bytes = minBytes;
  while (bytes < maxBytes && totalBytes / bytes > aimedPieces) bytes *= 2;
  return bytes;
}
