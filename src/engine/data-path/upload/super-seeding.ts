// Super seeding (BEP 16), while there is only one whole copy: each peer is told of few pieces at a time, and each of
// others, so that they have something to give each other and the seeder sends little more than one copy. Decides who is
// told of what; knows no messages and no blocks.
import type { Metainfo } from '../../../metainfo/metainfo.js';
import { everyPiece } from '../../../storage/layout/bitfield.js';
import { PeerPieces } from '../pieces/peer-pieces.js';
import { PiecePicker } from '../pieces/piece-picker.js';

/** A peer of a torrent that we have the whole of. */
export interface SuperSeededPeer {
  /** What it has, by what it says. */
  readonly pieces: PeerPieces;
  /** Bytes of blocks we have sent it. */
  readonly takenBytes: number;
  /** It is interested, and choked. */
  readonly isWaiting: boolean;
  /** Tells it that we have these pieces. */
  reveal(indices: readonly number[]): void;
}

export interface SuperSeedingOptions {
  readonly metainfo: Metainfo;
  readonly nowMs?: () => number;
}

/** Each peer is told of every piece in the end, 9 bytes each; a bitfield may not be said again (BEP 3). */
const mostPieces = 50_000;
/** With fewer there is little to share out. */
const leastPieces = 8;
const tickMs = 250;
/** What a peer has been told of and has not got yet: so much of a second's worth, and at least so much. */
const aheadMs = 500;
const leastAheadBytes = 128 * 2 ** 10;
/** It takes nothing of what it was told of: others are told of that instead. */
const stalledMs = 5_000;
/**
 * It has got all that it was told of, and the others give it nothing for as long as its last piece took, within these: it is
 * told of what others were given before.
 */
const leastStarvedMs = 500;
const mostStarvedMs = 10_000;

const stretchBytes = 2 ** 20;

/** What we know of one peer. */
interface RevealState {
  /** What it has, or has been told of. */
  readonly counted: PeerPieces;
  /** The others. */
  readonly unrevealed: PeerPieces;
  /** What it has been told of, and lacks, and when it was told. */
  readonly awaited: Map<number, number>;
  /** From the telling to the having. */
  lastPieceMs: number;
  lastRevealed: number;
  /** When it last got a piece, whoever from. */
  gotAtMs: number;
  takenBytes: number;
  takenAtMs: number;
  bytesPerSecond: number;
  /** How often it was starved: each time it is told of more. */
  timesStarved: number;
  /** What it was told of was given to others, and it has got nothing since. */
  isIdle: boolean;
}

export function canBeSuperSeeded({ pieceCount }: Metainfo): boolean {
  return leastPieces <= pieceCount && pieceCount <= mostPieces;
}

export class SuperSeeding {
  readonly #metainfo: Metainfo;
  readonly #nowMs: () => number;
  readonly #states = new Map<SuperSeededPeer, RevealState>();
  /** To it, those that have a piece are all that have been told of it. */
  readonly #picker: PiecePicker;
  #timer: NodeJS.Timeout | undefined;
  #lookedAtMs: number;

  /** Nobody is told of anything before `join`. */
  constructor({ metainfo, nowMs = () => performance.now() }: SuperSeedingOptions) {
    this.#metainfo = metainfo;
    this.#nowMs = nowMs;
    this.#lookedAtMs = nowMs();
    this.#picker = new PiecePicker({
      pieceCount: metainfo.pieceCount,
      have: new Uint8Array(0),
      stretchPieces: Math.max(1, Math.floor(stretchBytes / metainfo.pieceLengthBytes)),
      countsRarityAtOnce: true,
    });
    this.#timer = setInterval(() => this.tick(), tickMs).unref();
  }

  /** It has been told of nothing yet, and is told of its first pieces. */
  join(peer: SuperSeededPeer): void {
    const { pieceCount } = this.#metainfo;
    const unrevealed = new PeerPieces(pieceCount);
    unrevealed.replace(everyPiece(pieceCount), () => {});
    this.#topUp(peer, this.#remember(peer, unrevealed));
  }

  /** It was told of everything before. */
  joinInformed(peer: SuperSeededPeer): void {
    this.#remember(peer, new PeerPieces(this.#metainfo.pieceCount));
  }

  /** It has the piece now. */
  got(peer: SuperSeededPeer, index: number): void {
    const state = this.#states.get(peer);
    if (state === undefined) return;
    this.#count(state, index);
    state.gotAtMs = this.#nowMs();
    state.isIdle = false;
    const toldAtMs = state.awaited.get(index);
    if (toldAtMs === undefined) return;
    state.lastPieceMs = state.gotAtMs - toldAtMs;
    state.awaited.delete(index);
    this.#topUp(peer, state);
  }

  /** It has said at once what it has. */
  gotMany(peer: SuperSeededPeer): void {
    const { pieces } = peer;
    if (pieces.count === 0) return;
    for (let index = 0; index < pieces.pieceCount; index++) {
      if (pieces.has(index)) this.got(peer, index);
    }
  }

  left(peer: SuperSeededPeer): void {
    const state = this.#states.get(peer);
    if (!this.#states.delete(peer) || state === undefined) return;
    const { counted } = state;
    for (let index = 0; index < counted.pieceCount; index++) {
      if (counted.has(index)) this.#picker.decrementAvailability(index);
    }
  }

  /** Tells everyone of everything: there is another whole copy, or nobody to share with. Nothing follows. */
  end(): void {
    this.close();
    for (const [peer, { unrevealed }] of this.#states) {
      const indices: number[] = [];
      for (let index = 0; index < unrevealed.pieceCount; index++) {
        if (unrevealed.has(index)) indices.push(index);
      }
      if (indices.length > 0) peer.reveal(indices);
    }
    this.#states.clear();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Every quarter of a second. Public for tests. */
  tick(): void {
    const nowMs = this.#nowMs();
    const seconds = Math.max(0.001, (nowMs - this.#lookedAtMs) / 1000);
    this.#lookedAtMs = nowMs;
    for (const [peer, state] of this.#states) {
      const takenBytes = peer.takenBytes - state.takenBytes;
      if (takenBytes > 0) {
        state.takenAtMs = nowMs;
        state.isIdle = false;
      }
      state.takenBytes = peer.takenBytes;
      state.bytesPerSecond = (state.bytesPerSecond + takenBytes / seconds) / 2;
      if (isStalled(state, nowMs)) this.#giveUpAwaited(state);
      else this.#topUp(peer, state);
      if (this.#isStarved(peer, state, nowMs)) this.#revealMore(peer, state, nowMs);
    }
  }

  #remember(peer: SuperSeededPeer, unrevealed: PeerPieces): RevealState {
    const state: RevealState = {
      counted: new PeerPieces(this.#metainfo.pieceCount),
      unrevealed,
      awaited: new Map(),
      lastPieceMs: 0,
      lastRevealed: -1,
      gotAtMs: this.#nowMs(),
      takenBytes: peer.takenBytes,
      takenAtMs: this.#nowMs(),
      bytesPerSecond: 0,
      timesStarved: 0,
      isIdle: false,
    };
    this.#states.set(peer, state);
    this.gotMany(peer);
    return state;
  }

  #count({ counted, unrevealed }: RevealState, index: number): void {
    if (counted.add(index)) this.#picker.incrementAvailability(index);
    unrevealed.delete(index);
  }

  /** Tells it of pieces that nobody else was told of, as far as there are any. */
  #topUp(peer: SuperSeededPeer, state: RevealState): void {
    const aheadBytes = Math.max(leastAheadBytes, (state.bytesPerSecond * aheadMs) / 1000);
    this.#reveal(peer, state, aheadBytes, (index) => this.#picker.availabilityOf(index) === 0);
  }

  /** What it awaits is as rare again as if it had never been told of it. */
  #giveUpAwaited(state: RevealState): void {
    const { awaited, counted } = state;
    if (awaited.size > 0) state.isIdle = true;
    for (const index of awaited.keys())
      if (counted.delete(index)) this.#picker.decrementAvailability(index);
    awaited.clear();
  }

  /** Whoever has all that it was told of is interested no more, and still lacks the rest. */
  #isStarved(peer: SuperSeededPeer, state: RevealState, nowMs: number): boolean {
    const { awaited, gotAtMs, isIdle, lastPieceMs } = state;
    if (awaited.size > 0 || isIdle || peer.isWaiting) return false;
    return nowMs - gotAtMs >= Math.min(mostStarvedMs, Math.max(leastStarvedMs, lastPieceMs));
  }

  /** The others are slow to share: it is told of what others were told of, more each time. */
  #revealMore(peer: SuperSeededPeer, state: RevealState, nowMs: number): void {
    state.gotAtMs = nowMs;
    this.#reveal(peer, state, leastAheadBytes * 2 ** state.timesStarved, () => true);
    state.timesStarved = Math.min(state.timesStarved + 1, 20);
  }

  #reveal(
    peer: SuperSeededPeer,
    state: RevealState,
    aheadBytes: number,
    isFit: (index: number) => boolean,
  ): void {
    const { unrevealed, awaited } = state;
    const { pieceLengthBytes } = this.#metainfo;
    const indices: number[] = [];
    while (awaited.size * pieceLengthBytes < aheadBytes) {
      const index = this.#picker.pick(unrevealed, state.lastRevealed);
      if (index === -1 || !isFit(index)) break;
      this.#count(state, index);
      awaited.set(index, this.#nowMs());
      state.lastRevealed = index;
      indices.push(index);
    }
    if (indices.length > 0) peer.reveal(indices);
  }
}

function isStalled({ gotAtMs, takenAtMs }: RevealState, nowMs: number): boolean {
  return nowMs - Math.max(gotAtMs, takenAtMs) >= stalledMs;
}
