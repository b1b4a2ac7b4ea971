// What becomes of a whole piece: its hash is compared with the metainfo's, and whoever has sent what is bad is found out,
// at once if one peer sent all of it, else when the piece has come good (smart ban).
import { createHash } from 'node:crypto';
import { type Metainfo, sha1Bytes } from '../../../metainfo/metainfo.js';
import type { DownloadingPiece, Sender } from '../pieces/block-source.js';
import { blockBytes } from '../pieces/partial-piece.js';
import type { PieceBuffers } from '../pieces/piece-buffers.js';
import type { Verifier } from '../verify/verify.js';
import { SmartBan, soleSender } from './smart-ban.js';
import type { StoredPieces } from './stored-pieces.js';

export interface PieceVerificationOptions {
  readonly metainfo: Metainfo;
  readonly buffers: PieceBuffers;
  readonly verifier: Verifier;
  readonly stored: StoredPieces;
  readonly onGood: (piece: DownloadingPiece) => void;
  /** `isAnyones`: several have sent parts of it, and it is not known yet who lied. */
  readonly onBad: (piece: DownloadingPiece, isAnyones: boolean) => void;
  readonly onBanned: (sender: Sender) => void;
}

export class PieceVerification {
  readonly smartBan = new SmartBan<Sender>();
  readonly #options: PieceVerificationOptions;
  #pieces = 0;
  /** Of those, the ones in memory: of one on disk nothing is heard if the disk refuses. */
  #hashing = 0;
  readonly #onAllHashed: (() => void)[] = [];

  constructor(options: PieceVerificationOptions) {
    this.#options = options;
  }

  /** How many are being verified. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Every block of it has come, and is written if it is one on disk. */
  verify(piece: DownloadingPiece): void {
    const { verifier, stored } = this.#options;
    const onHash = (hash: Uint8Array) => this.#verified(piece, hash);
    this.#pieces += 1;
    if (piece.isOnDisk) {
      stored.verify(piece, onHash);
    } else {
      this.#hashing += 1;
      verifier.verify(piece.startBytes, piece.lengthBytes, onHash);
    }
  }

  /** Resolves when nothing in memory is being verified. Never rejects. */
  async idle(): Promise<void> {
    if (this.#hashing === 0) return;
    await new Promise<void>((resolve) => this.#onAllHashed.push(resolve));
  }

  #verified(piece: DownloadingPiece, hash: Uint8Array): void {
    this.#pieces -= 1;
    if (!piece.isOnDisk) this.#hashing -= 1;
    if (this.#options.metainfo.isHashOf(piece.index, hash)) this.#good(piece);
    else this.#bad(piece);
    if (this.#hashing === 0) for (const resolve of this.#onAllHashed.splice(0)) resolve();
  }

  #good(piece: DownloadingPiece): void {
    const { onGood, onBanned } = this.#options;
    const { index } = piece;
    if (!this.smartBan.isSuspect(index)) {
      onGood(piece);
      return;
    }
    this.#hashBlocks(piece, (hashes) => {
      for (const liar of this.smartBan.good(index, hashes)) onBanned(liar);
      onGood(piece);
    });
  }

  #bad(piece: DownloadingPiece): void {
    const { onBad, onBanned } = this.#options;
    const { index } = piece;
    const senders = piece.senders.map((source) => source?.sender);
    const sole = soleSender(senders);
    if (sole !== undefined) {
      onBad(piece, false);
      onBanned(sole);
    } else {
      this.#hashBlocks(piece, (hashes) => {
        this.smartBan.bad(index, senders, hashes);
        onBad(piece, true);
      });
    }
  }

  #hashBlocks(piece: DownloadingPiece, then: (hashes: Uint8Array) => void): void {
    const { buffers, stored } = this.#options;
    if (piece.isOnDisk) stored.hashBlocks(piece, then);
    else then(hashBlocks(buffers.memory, piece.startBytes, piece.lengthBytes));
  }
}

/** The SHA-1 of each block of the piece that lies in `memory` at `startBytes`, one after the other. */
function hashBlocks(memory: Uint8Array, startBytes: number, lengthBytes: number): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(lengthBytes / blockBytes) * sha1Bytes);
  const endBytes = startBytes + lengthBytes;
  for (let at = startBytes, nth = 0; at < endBytes; at += blockBytes, nth++) {
    const block = memory.subarray(at, Math.min(at + blockBytes, endBytes));
    hashes.set(createHash('sha1').update(block).digest(), nth * sha1Bytes);
  }
  return hashes;
}
