// The peers that one sender announced in a swarm, where there are several.
import { type Indexed, RandomSet } from './random-set.js';

export interface TrackedPeer extends Indexed {
  /** Compact, as peers are told of it. */
  readonly address: string;
  peerId: string;
  isComplete: boolean;
  announcedAtMs: number;
}

export class PeerCrowd implements Indexed {
  index = 0;
  /** By address; the one that announced longest ago comes first. */
  readonly #peers = new Map<string, TrackedPeer>();
  readonly #random = new RandomSet<TrackedPeer>();

  constructor(readonly senderKey: string) {}

  get size(): number {
    return this.#random.size;
  }

  get(address: string): TrackedPeer | undefined {
    return this.#peers.get(address);
  }

  /** There must be none of its address. */
  add(peer: TrackedPeer): void {
    this.#peers.set(peer.address, peer);
    this.#random.add(peer);
  }

  /** It was heard of again, and must be in. */
  refresh(peer: TrackedPeer): void {
    this.#peers.delete(peer.address);
    this.#peers.set(peer.address, peer);
  }

  /** It must be in. */
  delete(peer: TrackedPeer): void {
    this.#peers.delete(peer.address);
    this.#random.delete(peer);
  }

  /** The one heard of longest ago. */
  oldest(): readonly [senderKey: string, peer: TrackedPeer] | undefined {
    for (const peer of this.#peers.values()) return [this.senderKey, peer];
    return undefined;
  }

  /** Those that last announced before `sinceMs`. */
  *silentSince(sinceMs: number): Generator<readonly [senderKey: string, peer: TrackedPeer]> {
    for (const peer of this.#peers.values()) {
      if (peer.announcedAtMs >= sinceMs) return;
      yield [this.senderKey, peer];
    }
  }

  /** One a call, as of a random set. */
  shuffled(): () => TrackedPeer | undefined {
    return this.#random.shuffled();
  }
}
