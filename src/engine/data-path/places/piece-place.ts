// Where the bytes of a piece lie until it is verified, in memory or on disk already: one word for both, so that whoever
// fetches, hashes and brings pieces to disk need not know which. Types only.
import type { DownloadingPiece } from '../pieces/block-source.js';

export interface PiecePlace {
  /** Where in memory a block goes that begins to come; -1: there is no room for it now. */
  memoryFor(piece: DownloadingPiece, block: number): number;
  /** The block will not come: what `memoryFor` gave is free again. */
  discard(startBytes: number): void;
  /** It has come, and lies at `startBytes`. `onWhole`: the piece can be verified, as all of it is where it belongs. */
  came(
    piece: DownloadingPiece,
    block: number,
    startBytes: number,
    onWhole: (piece: DownloadingPiece) => void,
  ): void;
  /** Tells the SHA-1 of a whole piece, or nothing if the disk refuses. */
  verify(piece: DownloadingPiece, onHash: (hash: Uint8Array) => void): void;
  /** The SHA-1 of each block of it, one after the other. */
  hashBlocks(piece: DownloadingPiece, onHashes: (hashes: Uint8Array) => void): void;
  /** Neighbours that were verified and named in the journal: they lie on disk for good when this resolves. */
  store(pieces: readonly DownloadingPiece[]): Promise<void>;
  /** Nothing more is done with the piece: its memory is free. */
  release(piece: DownloadingPiece): void;
  /** Resolves when nothing is being hashed, written or read. Never rejects. */
  idle(): Promise<void>;
}
