// A swarm on paper around one super-seeder: its peers fetch what they are told of, and from each other, in quarters of a
// second. Nothing else is real but who is told of what.
import { PeerPieces } from '../../../src/engine/data-path/pieces/peer-pieces.js';
import {
  type SuperSeededPeer,
  SuperSeeding,
} from '../../../src/engine/data-path/upload/super-seeding.js';
import type { Metainfo } from '../../../src/metainfo/metainfo.js';
import { sampleMetainfo } from '../torrents/sample-torrent.js';

export const blockBytes = 16 * 1024;
const pieceLengthBytes = 4 * blockBytes;

export interface SeededPeerOptions {
  /** Blocks that it fetches in a quarter of a second: from us, and from the others. */
  readonly fromUs?: number;
  readonly fromOthers?: number;
  /** It waits to be unchoked, if not. */
  readonly isTaking?: boolean;
}

export class SeededPeer implements SuperSeededPeer {
  readonly pieces: PeerPieces;
  takenBytes = 0;
  isTaking: boolean;
  fromUs: number;
  readonly fromOthers: number;
  /** What it was told that we have, in that order. */
  readonly told: number[] = [];
  /** Of pieces that it has not got yet. */
  readonly blocks = new Map<number, number>();
  readonly #onTold: (index: number) => void;

  constructor(pieceCount: number, options: SeededPeerOptions, onTold: (index: number) => void) {
    this.pieces = new PeerPieces(pieceCount);
    this.isTaking = options.isTaking ?? true;
    this.fromUs = options.fromUs ?? 4;
    this.fromOthers = options.fromOthers ?? 0;
    this.#onTold = onTold;
  }

  get isWaiting(): boolean {
    return !this.isTaking;
  }

  reveal(indices: readonly number[]): void {
    for (const index of indices) this.#onTold(index);
    this.told.push(...indices);
  }
}

export class SeededSwarm {
  nowMs = 1_000_000;
  readonly metainfo: Metainfo;
  readonly seeding: SuperSeeding;
  readonly peers = new Set<SeededPeer>();
  /** Whoever was told of what, in that order. */
  readonly reveals: { readonly peer: SeededPeer; readonly index: number }[] = [];
  /** How many quarters of a second have passed. */
  looks = 0;
  sentBytes = 0;

  constructor(pieceCount: number) {
    this.metainfo = metainfoOf(pieceCount);
    this.seeding = new SuperSeeding({ metainfo: this.metainfo, nowMs: () => this.nowMs });
  }

  peer(options: SeededPeerOptions = {}): SeededPeer {
    const { pieceCount } = this.metainfo;
    const peer: SeededPeer = new SeededPeer(pieceCount, options, (index) =>
      this.reveals.push({ peer, index }),
    );
    this.peers.add(peer);
    return peer;
  }

  join(count: number, options: SeededPeerOptions = {}): SeededPeer[] {
    const joined = Array.from({ length: count }, () => this.peer(options));
    for (const peer of joined) this.seeding.join(peer);
    return joined;
  }

  leave(peer: SeededPeer): void {
    this.peers.delete(peer);
    this.seeding.left(peer);
  }

  /** How often the content was sent. */
  get copies(): number {
    return this.sentBytes / this.metainfo.lengthBytes;
  }

  pass(looks: number): void {
    for (let nth = 0; nth < looks; nth++) {
      this.nowMs += 250;
      this.looks += 1;
      // In both, the first are not served first each time.
      const peers = [...this.peers];
      const first = this.looks % Math.max(1, peers.length);
      for (const peer of [...peers.slice(first), ...peers.slice(0, first)]) this.#fetch(peer);
      this.seeding.tick();
    }
  }

  /** Passes until all of them have everything; at most so many quarters of a second. */
  passUntilDone(peers: readonly SeededPeer[], mostLooks: number): boolean {
    const isDone = () => peers.every(({ pieces }) => pieces.hasAll);
    for (let nth = 0; nth < mostLooks && !isDone(); nth++) this.pass(1);
    return isDone();
  }

  #fetch(peer: SeededPeer): void {
    if (peer.isTaking) {
      for (let nth = 0; nth < peer.fromUs; nth++) {
        const index = peer.told.find((each) => !peer.pieces.has(each));
        if (index === undefined) break;
        peer.takenBytes += blockBytes;
        this.sentBytes += blockBytes;
        this.#gotBlock(peer, index);
      }
    }
    for (let nth = 0; nth < peer.fromOthers; nth++) {
      const index = this.#next(peer);
      if (index === undefined) break;
      this.#gotBlock(peer, index);
    }
  }

  /** What is begun first, then any. */
  #next(peer: SeededPeer): number | undefined {
    const { pieceCount } = this.metainfo;
    const start = Math.floor(Math.random() * pieceCount);
    const rest = Array.from({ length: pieceCount }, (_, at) => (start + at) % pieceCount);
    return [...peer.blocks.keys(), ...rest].find(
      (index) => !peer.pieces.has(index) && this.#isElsewhere(index),
    );
  }

  #isElsewhere(index: number): boolean {
    for (const { pieces, fromOthers } of this.peers) {
      if (fromOthers > 0 && pieces.has(index)) return true;
    }
    return false;
  }

  #gotBlock(peer: SeededPeer, index: number): void {
    const blocks = (peer.blocks.get(index) ?? 0) + 1;
    peer.blocks.set(index, blocks);
    if (blocks * blockBytes < this.metainfo.pieceBytes(index)) return;
    peer.blocks.delete(index);
    peer.pieces.add(index);
    this.seeding.got(peer, index);
  }
}

export function metainfoOf(pieceCount: number): Metainfo {
  const lengthBytes = pieceCount * pieceLengthBytes;
  const files = [{ path: '', lengthBytes }];
  return sampleMetainfo(
    { name: 'handmade', pieceLengthBytes, files, isPrivate: false },
    Buffer.alloc(20 * pieceCount),
  );
}
