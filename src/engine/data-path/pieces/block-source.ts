// Somebody who gives blocks, and who is blamed for them: types only, so that pieces need not know of connections.
import type { PartialPiece } from './partial-piece.js';
import type { PeerPieces } from './peer-pieces.js';

/** Who is blamed for a bad block: known for longer than the connection lasts. */
export interface Sender {
  readonly host: string | undefined;
  /** Where it listens, once that is known. */
  port: number | undefined;
}

export interface BlockSource {
  readonly sender: Sender;
  readonly pieces: PeerPieces;
  /** It could be asked for something, and is asked for nothing. */
  readonly isIdle: boolean;
  /** It snubs us: it has owed blocks for some time, and sends none. */
  readonly isSnubbed: boolean;
  /** It has sent a block that was asked for. */
  readonly hasGiven: boolean;
  /** It sends what it is asked for. */
  readonly isGiving: boolean;
  /** Whether it can take a piece of so many blocks at once, and so need not share one. */
  isQuick(blocks: number): boolean;
  /** There may be something to ask for again. */
  wake(): void;
  /** `wake`, if it has nothing else to wait for. */
  refill(): void;
  /** The block was asked of it, and has come from another. */
  cancel(piece: DownloadingPiece, block: number): void;
  /** It need not send the block that it owes: nobody waits for it any more. */
  giveUp(piece: DownloadingPiece, block: number): void;
  tick(nowMs: number): void;
  /** The torrent is left: the block that is coming in goes nowhere. */
  discardBlock(): void;
}

/** A piece that is fetched of such sources. */
export type DownloadingPiece = PartialPiece<BlockSource>;
