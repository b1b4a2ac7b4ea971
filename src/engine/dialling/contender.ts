// What a torrent that dials and the slots for connections, which all torrents share, have to say to each other: types only.
import type { DialTurn } from './known-peers/known-peers.js';

export interface DialSlots {
  /** A torrent takes part, and is asked when it may dial once it has said that it wants to. */
  enter(contender: Contender): TorrentSlots;
}

export interface Contender {
  /** Dials one peer, and takes a slot for it. False: nobody is to be dialled, or not before it says again that it wants to. */
  dial(turn: DialTurn): boolean;
  /** Whether there is anybody else for such a turn, as far as it is known without a look at each. */
  has(turn: DialTurn): boolean;
  /** It has no connection that is of any use, whoever made it. */
  isStarving(): boolean;
}

/** One torrent's. */
export interface TorrentSlots {
  /** There is somebody to dial, as far as it is known. False if it has left. */
  want(): boolean;
  take(occupant: Occupant): DialSlot;
  /** It wants no more. What it has taken it gives back by itself. */
  leave(): void;
}

export interface Occupant {
  /** What it has brought so far; anything that grows while it is of use. */
  readonly usefulBytes: number;
  /** Another has its slot now. */
  displace(): void;
}

/** Of one connection. Each may be called again. */
export interface DialSlot {
  /** It is no longer half-open. */
  connected(): void;
  /** A peer is there: if there are too many now, one goes. */
  proven(): void;
  release(): void;
}
