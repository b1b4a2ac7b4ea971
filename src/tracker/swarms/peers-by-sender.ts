// Who announces a torrent, each with one peer or a crowd of them. Whoever names many ports is told of no sooner than those
// who name one, and is the first to make room.

import { PeerCrowd, type TrackedPeer } from './peer-crowd.js';
import { RandomSet } from './random-set.js';

/** A peer, and who announced it. */
export type KeyedPeer = readonly [senderKey: string, peer: TrackedPeer];

export class PeersBySender {
  /** The one heard of longest ago comes first. */
  readonly #bySender = new Map<string, TrackedPeer | PeerCrowd>();
  /** The same in no order, to choose from. */
  readonly #random = new RandomSet<TrackedPeer | PeerCrowd>();
  /** Those of them that have, or had, several peers: in most swarms there are none. */
  #crowds: Set<PeerCrowd> | undefined;
  #peers = 0;

  /** How many peers there are of all of them. */
  get peers(): number {
    return this.#peers;
  }

  find(senderKey: string, address: string): TrackedPeer | undefined {
    const found = this.#bySender.get(senderKey);
    if (found instanceof PeerCrowd) return found.get(address);
    return found?.address === address ? found : undefined;
  }

  /** There must be none of its address by that sender. */
  add(senderKey: string, peer: TrackedPeer): void {
    const there = this.#bySender.get(senderKey);
    const crowd = there && (there instanceof PeerCrowd ? there : this.#crowdOf(senderKey, there));
    crowd?.add(peer);
    if (crowd === undefined) this.#random.add(peer);
    this.#bySender.delete(senderKey);
    this.#bySender.set(senderKey, crowd ?? peer);
    this.#peers += 1;
  }

  /** It was heard of again. */
  refresh([senderKey, peer]: KeyedPeer): void {
    const there = this.#bySender.get(senderKey);
    if (there === undefined) return;
    if (there instanceof PeerCrowd) there.refresh(peer);
    this.#bySender.delete(senderKey);
    this.#bySender.set(senderKey, there);
  }

  #crowdOf(senderKey: string, first: TrackedPeer): PeerCrowd {
    const crowd = new PeerCrowd(senderKey);
    this.#random.delete(first);
    this.#random.add(crowd);
    crowd.add(first);
    this.#crowds ??= new Set();
    this.#crowds.add(crowd);
    return crowd;
  }

  /** It must be there. */
  remove([senderKey, peer]: KeyedPeer): void {
    const there = this.#bySender.get(senderKey);
    this.#peers -= 1;
    if (there instanceof PeerCrowd) {
      there.delete(peer);
      if (there.size > 0) return;
      this.#crowds?.delete(there);
    }
    this.#bySender.delete(senderKey);
    if (there) this.#random.delete(there);
  }

  /** The peer heard of longest ago of a sender that has at least so many. */
  oldestOf(senderKey: string, atLeast: number): KeyedPeer | undefined {
    const crowd = this.#bySender.get(senderKey);
    if (!(crowd instanceof PeerCrowd) || crowd.size < atLeast) return undefined;
    return crowd.oldest();
  }

  /** Who makes room: of the sender with most peers the one heard of longest ago. Those that came alone go last. */
  first(): KeyedPeer | undefined {
    let largest: PeerCrowd | undefined;
    for (const crowd of this.#crowds ?? []) {
      if (crowd.size > (largest?.size ?? 1)) largest = crowd;
    }
    if (largest) return largest.oldest();
    for (const [senderKey, there] of this.#bySender) {
      return there instanceof PeerCrowd ? there.oldest() : [senderKey, there];
    }
    return undefined;
  }

  /** Those that last announced before `sinceMs`. */
  silentSince(sinceMs: number): readonly KeyedPeer[] {
    const silent: KeyedPeer[] = [];
    if (this.#crowds) for (const crowd of this.#crowds) silent.push(...crowd.silentSince(sinceMs));
    for (const [senderKey, peer] of this.#bySender) {
      if (peer instanceof PeerCrowd) continue;
      if (peer.announcedAtMs >= sinceMs) break;
      silent.push([senderKey, peer]);
    }
    return silent;
  }

  /**
   * Shows peers to `wantsMore` until it does not: one of each sender at random, then what else the crowds have, in
   * turns. Costs as much as is shown, however many there are.
   */
  draw(wantsMore: (peer: TrackedPeer) => boolean): void {
    const crowds = new Set<() => TrackedPeer | undefined>();
    const next = this.#random.shuffled();
    for (let drawn = next(); drawn; drawn = next()) {
      const crowd = drawn instanceof PeerCrowd ? drawn.shuffled() : undefined;
      if (crowd) crowds.add(crowd);
      const peer = drawn instanceof PeerCrowd ? crowd?.() : drawn;
      if (peer && !wantsMore(peer)) return;
    }
    while (crowds.size > 0) {
      for (const nextOf of crowds) {
        const peer = nextOf();
        if (!peer) crowds.delete(nextOf);
        else if (!wantsMore(peer)) return;
      }
    }
  }
}
