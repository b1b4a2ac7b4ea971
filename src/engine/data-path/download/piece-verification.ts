// What becomes of a whole piece: its hash is compared with the metainfo's, and whoever has sent what is bad is found out,
// at once if one peer sent all of it, else when the piece has come good (smart ban).
import type { Metainfo } from '../../../metainfo/metainfo.js';
import type { DownloadingPiece, Sender } from '../pieces/block-source.js';
import type { PiecePlaces } from '../places/piece-places.js';
import { SmartBan, soleSender } from './smart-ban.js';

export interface PieceVerificationOptions {
  readonly metainfo: Metainfo;
  readonly places: PiecePlaces;
  readonly onGood: (piece: DownloadingPiece) => void;
  /** `isAnyones`: several have sent parts of it, and it is not known yet who lied. */
  readonly onBad: (piece: DownloadingPiece, isAnyones: boolean) => void;
  readonly onBanned: (sender: Sender) => void;
}

export class PieceVerification {
  readonly smartBan = new SmartBan<Sender>();
  readonly #options: PieceVerificationOptions;
  #pieces = 0;

  constructor(options: PieceVerificationOptions) {
    this.#options = options;
  }

  /** How many are being verified. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Every block of it is where it belongs. */
  verify(piece: DownloadingPiece): void {
    this.#pieces += 1;
    this.#options.places.of(piece).verify(piece, (hash) => this.#verified(piece, hash));
  }

  #verified(piece: DownloadingPiece, hash: Uint8Array): void {
    this.#pieces -= 1;
    if (this.#options.metainfo.isHashOf(piece.index, hash)) this.#good(piece);
    else this.#bad(piece);
  }

  #good(piece: DownloadingPiece): void {
    const { onGood, onBanned } = this.#options;
    const { index } = piece;
    if (!this.smartBan.isSuspect(index)) {
      onGood(piece);
      return;
    }
    this.#options.places.of(piece).hashBlocks(piece, (hashes) => {
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
      this.#options.places.of(piece).hashBlocks(piece, (hashes) => {
        this.smartBan.bad(index, senders, hashes);
        onBad(piece, true);
      });
    }
  }
}
