// Pieces that are collected whole in memory, hashed where they lie, and written once they are verified. One torrent's.
import { createHash } from 'node:crypto';
import { type Metainfo, sha1Bytes } from '../../../metainfo/metainfo.js';
import type { TorrentStorage } from '../../../storage/storage.js';
import type { DownloadingPiece } from '../pieces/block-source.js';
import { blockBytes } from '../pieces/partial-piece.js';
import type { PieceBuffers } from '../pieces/piece-buffers.js';
import type { Verifier } from '../verify/verify.js';
import type { PiecePlace } from './piece-place.js';

export interface MemoryPlaceOptions {
  readonly metainfo: Metainfo;
  readonly content: TorrentStorage;
  readonly buffers: PieceBuffers;
  readonly verifier: Verifier;
}

export class MemoryPlace implements PiecePlace {
  readonly #options: MemoryPlaceOptions;
  /** Pieces that are being hashed. */
  #hashing = 0;
  readonly #onAllHashed: (() => void)[] = [];

  constructor(options: MemoryPlaceOptions) {
    this.#options = options;
  }

  memoryFor(piece: DownloadingPiece, block: number): number {
    return piece.startBytes + block * blockBytes;
  }

  discard(): void {}

  came(
    piece: DownloadingPiece,
    _block: number,
    _startBytes: number,
    onWhole: (piece: DownloadingPiece) => void,
  ): void {
    if (piece.isWhole) onWhole(piece);
  }

  verify({ startBytes, lengthBytes }: DownloadingPiece, onHash: (hash: Uint8Array) => void): void {
    this.#hashing += 1;
    this.#options.verifier.verify(startBytes, lengthBytes, (hash) => {
      this.#hashing -= 1;
      onHash(hash);
      if (this.#hashing === 0) for (const resolve of this.#onAllHashed.splice(0)) resolve();
    });
  }

  hashBlocks(
    { startBytes, lengthBytes }: DownloadingPiece,
    onHashes: (hashes: Uint8Array) => void,
  ) {
    const { memory } = this.#options.buffers;
    const hashes = new Uint8Array(Math.ceil(lengthBytes / blockBytes) * sha1Bytes);
    const endBytes = startBytes + lengthBytes;
    for (let at = startBytes, nth = 0; at < endBytes; at += blockBytes, nth++) {
      const block = memory.subarray(at, Math.min(at + blockBytes, endBytes));
      hashes.set(createHash('sha1').update(block).digest(), nth * sha1Bytes);
    }
    onHashes(hashes);
  }

  async store(pieces: readonly DownloadingPiece[]): Promise<void> {
    const { metainfo, content, buffers } = this.#options;
    const [first] = pieces;
    if (first === undefined) return;
    const parts = pieces.map(({ startBytes, lengthBytes }) =>
      buffers.memory.subarray(startBytes, startBytes + lengthBytes),
    );
    await content.write(first.index * metainfo.pieceLengthBytes, ...parts);
  }

  release({ startBytes }: DownloadingPiece): void {
    this.#options.buffers.free(startBytes);
  }

  async idle(): Promise<void> {
    if (this.#hashing === 0) return;
    await new Promise<void>((resolve) => this.#onAllHashed.push(resolve));
  }
}
