// Whether ours may be the only whole copy of a torrent, and so to whom it is super-seeded, from when on and until when.
import type { Metainfo } from '../../metainfo/metainfo.js';
import type { SwarmPeer } from './swarm-peer.js';
import { canBeSuperSeeded, SuperSeeding } from './upload/super-seeding.js';

export interface SuperSeedingPolicyOptions {
  readonly metainfo: Metainfo;
  /** All that are connected, told what we have or not. */
  readonly peers: ReadonlySet<SwarmPeer>;
  /** It has been told of everything in the end. */
  readonly onTold: (peer: SwarmPeer) => void;
}

/** It is not, as long as nobody says so. */
export class SuperSeedingPolicy {
  readonly #options: SuperSeedingPolicyOptions;
  /** They are not told of what we have, but bit by bit. */
  readonly #superSeeded = new WeakSet<SwarmPeer>();
  #superSeeding: SuperSeeding | undefined;
  /** We had everything from the beginning on, and have not met anyone else who has. */
  #isOurs = false;

  constructor(options: SuperSeedingPolicyOptions) {
    this.#options = options;
  }

  /** We have everything, and have it from before. */
  begin(): void {
    this.#isOurs = canBeSuperSeeded(this.#options.metainfo);
  }

  /** A peer is connected. Whoever comes first is told of everything, as it may stay alone. */
  add(peer: SwarmPeer): void {
    if (this.#isOurs && this.#leechers > 0) this.#superSeeded.add(peer);
  }

  /** Its bitfield from us is empty. */
  isSuperSeeded(peer: SwarmPeer): boolean {
    return this.#superSeeded.has(peer);
  }

  /** It has been told what we have, if anything. */
  bitfieldSent(peer: SwarmPeer): void {
    if (!this.#superSeeded.has(peer)) return;
    this.#superSeeding ??= this.#start(peer);
    this.#superSeeding.join(peer);
    this.#review();
  }

  /** It has other pieces than before, or wants none any more. `index`: it has that one more, and nothing else is new. */
  changed(peer: SwarmPeer, index: number | undefined): void {
    if (index === undefined) this.#superSeeding?.gotMany(peer);
    else this.#superSeeding?.got(peer, index);
    if (peer.isSeeder) this.#isOurs = false;
    if (peer.wantsNothing) this.#review();
  }

  /** Ours is no whole copy any more. */
  lostPieces(): void {
    this.#isOurs = false;
    this.#review();
  }

  left(peer: SwarmPeer): void {
    this.#superSeeding?.left(peer);
    this.#review();
  }

  close(): void {
    this.#superSeeding?.close();
  }

  #start(first: SwarmPeer): SuperSeeding {
    const { metainfo, peers } = this.#options;
    const started = new SuperSeeding({ metainfo });
    for (const peer of peers) if (peer.isBitfieldSent && peer !== first) started.joinInformed(peer);
    return started;
  }

  /** It ends for those who are there when another has everything, or no two are left who could share. */
  #review(): void {
    const ending = this.#superSeeding;
    if (ending === undefined || (this.#isOurs && this.#leechers > 1)) return;
    this.#superSeeding = undefined;
    ending.end();
    const { peers, onTold } = this.#options;
    for (const peer of peers) if (this.#superSeeded.delete(peer)) onTold(peer);
  }

  get #leechers(): number {
    let count = 0;
    for (const peer of this.#options.peers) {
      if (peer.isBitfieldSent && !peer.wantsNothing) count += 1;
    }
    return count;
  }
}
