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
const lookEveryMs = 250;
/** What a peer has been told of and has not got yet: so much of a second's worth, and at least so much. */
const aheadMs = 500;
const leastAheadBytes = 128 * 2 ** 10;
/** It takes nothing of what it was told of: others are told of that instead. */
const stalledMs = 5_000;
/**
 * It has got all that it was told of, and the others give it nothing for as long as its last piece took, within these: it is
 * told of what others were given before.
 */
const leastHungryMs = 500;
const mostHungryMs = 10_000;

const stretchBytes = 2 ** 20;

/** What we know of one peer. */
interface Audience {
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
  /** It has been hungry so often: each time it is told of more. */
  hungers: number;
  /** What it was told of was given to others, and it has got nothing since. */
  isIdle: boolean;
}

export function canBeSuperSeeded({ pieceCount }: Metainfo): boolean {
  return leastPieces <= pieceCount && pieceCount <= mostPieces;
}

export class SuperSeeding {
  readonly #metainfo: Metainfo;
  readonly #nowMs: () => number;
  readonly #audience = new Map<SuperSeededPeer, Audience>();
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
    this.#timer = setInterval(() => this.look(), lookEveryMs).unref();
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
    const audience = this.#audience.get(peer);
    if (audience === undefined) return;
    this.#count(audience, index);
    audience.gotAtMs = this.#nowMs();
    audience.isIdle = false;
    const toldAtMs = audience.awaited.get(index);
    if (toldAtMs === undefined) return;
    audience.lastPieceMs = audience.gotAtMs - toldAtMs;
    audience.awaited.delete(index);
    this.#topUp(peer, audience);
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
    const audience = this.#audience.get(peer);
    if (!this.#audience.delete(peer) || audience === undefined) return;
    const { counted } = audience;
    for (let index = 0; index < counted.pieceCount; index++) {
      if (counted.has(index)) this.#picker.removeHolder(index);
    }
  }

  /** Tells everyone of everything: there is another whole copy, or nobody to share with. Nothing follows. */
  end(): void {
    this.close();
    for (const [peer, { unrevealed }] of this.#audience) {
      const indices: number[] = [];
      for (let index = 0; index < unrevealed.pieceCount; index++) {
        if (unrevealed.has(index)) indices.push(index);
      }
      if (indices.length > 0) peer.reveal(indices);
    }
    this.#audience.clear();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Every quarter of a second. Public for tests. */
  look(): void {
    const nowMs = this.#nowMs();
    const seconds = Math.max(0.001, (nowMs - this.#lookedAtMs) / 1000);
    this.#lookedAtMs = nowMs;
    for (const [peer, audience] of this.#audience) {
      const takenBytes = peer.takenBytes - audience.takenBytes;
      if (takenBytes > 0) {
        audience.takenAtMs = nowMs;
        audience.isIdle = false;
      }
      audience.takenBytes = peer.takenBytes;
      audience.bytesPerSecond = (audience.bytesPerSecond + takenBytes / seconds) / 2;
      if (isStalled(audience, nowMs)) this.#forgo(audience);
      else this.#topUp(peer, audience);
      if (this.#isHungry(peer, audience, nowMs)) this.#feed(peer, audience, nowMs);
    }
  }

  #remember(peer: SuperSeededPeer, unrevealed: PeerPieces): Audience {
    const audience: Audience = {
      counted: new PeerPieces(this.#metainfo.pieceCount),
      unrevealed,
      awaited: new Map(),
      lastPieceMs: 0,
      lastRevealed: -1,
      gotAtMs: this.#nowMs(),
      takenBytes: peer.takenBytes,
      takenAtMs: this.#nowMs(),
      bytesPerSecond: 0,
      hungers: 0,
      isIdle: false,
    };
    this.#audience.set(peer, audience);
    this.gotMany(peer);
    return audience;
  }

  #count({ counted, unrevealed }: Audience, index: number): void {
    if (counted.add(index)) this.#picker.addHolder(index);
    unrevealed.delete(index);
  }

  /** Tells it of pieces that nobody else was told of, as far as there are any. */
  #topUp(peer: SuperSeededPeer, audience: Audience): void {
    const aheadBytes = Math.max(leastAheadBytes, (audience.bytesPerSecond * aheadMs) / 1000);
    this.#reveal(peer, audience, aheadBytes, (index) => this.#picker.holdersOf(index) === 0);
  }

  /** What it awaits is as rare again as if it had never been told of it. */
  #forgo(audience: Audience): void {
    const { awaited, counted } = audience;
    if (awaited.size > 0) audience.isIdle = true;
    for (const index of awaited.keys()) if (counted.delete(index)) this.#picker.removeHolder(index);
    awaited.clear();
  }

  /** Whoever has all that it was told of is interested no more, and still hungry. */
  #isHungry(peer: SuperSeededPeer, audience: Audience, nowMs: number): boolean {
    const { awaited, gotAtMs, isIdle, lastPieceMs } = audience;
    if (awaited.size > 0 || isIdle || peer.isWaiting) return false;
    return nowMs - gotAtMs >= Math.min(mostHungryMs, Math.max(leastHungryMs, lastPieceMs));
  }

  /** The others are slow to share: it is told of what others were told of, more each time. */
  #feed(peer: SuperSeededPeer, audience: Audience, nowMs: number): void {
    audience.gotAtMs = nowMs;
    this.#reveal(peer, audience, leastAheadBytes * 2 ** audience.hungers, () => true);
    audience.hungers = Math.min(audience.hungers + 1, 20);
  }

  #reveal(
    peer: SuperSeededPeer,
    audience: Audience,
    aheadBytes: number,
    isFit: (index: number) => boolean,
  ): void {
    const { unrevealed, awaited } = audience;
    const { pieceLengthBytes } = this.#metainfo;
    const indices: number[] = [];
    while (awaited.size * pieceLengthBytes < aheadBytes) {
      const index = this.#picker.pick(unrevealed, audience.lastRevealed);
      if (index === -1 || !isFit(index)) break;
      this.#count(audience, index);
      awaited.set(index, this.#nowMs());
      audience.lastRevealed = index;
      indices.push(index);
    }
    if (indices.length > 0) peer.reveal(indices);
  }
}

function isStalled({ gotAtMs, takenAtMs }: Audience, nowMs: number): boolean {
  return nowMs - Math.max(gotAtMs, takenAtMs) >= stalledMs;
}
