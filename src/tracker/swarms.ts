// All swarms of a tracker: which torrents are tracked, and how much is remembered at most. No sockets, no clock.
import { type AcceptedAnnounce, TrackedSwarm } from './tracked-swarm.js';

export interface SwarmsOptions {
  /** `registered`: torrents that were registered, or opened from this machine. `any`: whatever is announced. */
  readonly admit: 'registered' | 'any';
  /** How long a peer that does not announce is remembered. */
  readonly peerTtlMs: number;
  readonly maxSwarms?: number;
  readonly maxPeersPerSwarm?: number;
  /** In all swarms together: some 200 bytes each. */
  readonly maxPeers?: number;
}

export type AnnounceOutcome =
  | { readonly refusal: string }
  | {
      readonly refusal?: never;
      readonly complete: number;
      readonly incomplete: number;
      /** Compact, one character a byte: 6 of them, or 18. */
      readonly peers: readonly string[];
    };

export interface ScrapeCounts {
  readonly complete: number;
  readonly downloaded: number;
  readonly incomplete: number;
}

export class Swarms {
  readonly #options: Required<SwarmsOptions>;
  /** How often each torrent is registered. */
  readonly #registered = new Map<string, number>();
  readonly #swarms = new Map<string, TrackedSwarm>();
  #peers = 0;

  constructor(options: SwarmsOptions) {
    this.#options = {
      maxSwarms: 100_000,
      maxPeersPerSwarm: 2_000,
      maxPeers: 200_000,
      ...options,
    };
  }

  /** How many swarms are held in memory. */
  get size(): number {
    return this.#swarms.size;
  }

  register(infoHash: string): void {
    this.#registered.set(infoHash, (this.#registered.get(infoHash) ?? 0) + 1);
  }

  /**
   * Takes one registration back. After the last the torrent is tracked for as long as it has peers: they may need each
   * other still.
   */
  unregister(infoHash: string): void {
    const others = (this.#registered.get(infoHash) ?? 0) - 1;
    if (others > 0) this.#registered.set(infoHash, others);
    else this.#registered.delete(infoHash);
  }

  /** Admits a torrent for as long as it has peers: someone on this machine is about to announce it. */
  open(infoHash: string): void {
    if (this.size < this.#options.maxSwarms && !this.#swarms.has(infoHash)) {
      this.#swarms.set(infoHash, new TrackedSwarm());
    }
  }

  announce(announce: AcceptedAnnounce, nowMs: number): AnnounceOutcome {
    const { infoHash } = announce;
    if (this.#options.admit === 'any' || this.#registered.has(infoHash)) this.open(infoHash);
    const swarm = this.#swarms.get(infoHash);
    if (!swarm) {
      const isFull = this.size >= this.#options.maxSwarms;
      return {
        refusal: isFull ? 'this tracker is full' : 'this tracker does not track this torrent',
      };
    }
    if (this.#peers >= this.#options.maxPeers && !swarm.has(announce.address)) {
      return { refusal: 'this tracker is full' };
    }
    this.#change(infoHash, swarm, () => {
      swarm.announce(announce, nowMs, this.#options.maxPeersPerSwarm);
    });
    const peers = announce.event === 'stopped' ? [] : swarm.addressesFor(announce);
    return { complete: swarm.complete, incomplete: swarm.incomplete, peers };
  }

  /** Zeros for a torrent that is not tracked. */
  scrape(infoHash: string): ScrapeCounts {
    const { complete = 0, downloaded = 0, incomplete = 0 } = this.#swarms.get(infoHash) ?? {};
    return { complete, downloaded, incomplete };
  }

  /** Forgets the peers that stopped announcing, and the swarms that have none left. */
  expire(nowMs: number): void {
    for (const [infoHash, swarm] of this.#swarms) {
      this.#change(infoHash, swarm, () => swarm.expire(nowMs - this.#options.peerTtlMs));
    }
  }

  #change(infoHash: string, swarm: TrackedSwarm, change: () => void): void {
    const before = swarm.size;
    change();
    this.#peers += swarm.size - before;
    if (swarm.size === 0) this.#drop(infoHash);
  }

  #drop(infoHash: string): void {
    this.#peers -= this.#swarms.get(infoHash)?.size ?? 0;
    this.#swarms.delete(infoHash);
  }
}
