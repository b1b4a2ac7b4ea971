// The peers of one torrent as a tracker knows them, each at most as long as it goes on announcing.

/** One announce, checked. */
export interface AcceptedAnnounce {
  /** 40 lower-case hex digits. */
  readonly infoHash: string;
  /** One character a byte, as is `address`: so short a string takes a third of a buffer's memory. */
  readonly peerId: string;
  /** Compact, as peers are told of it (BEP 23, BEP 7). */
  readonly address: string;
  /** Nothing is left to download: a seeder. */
  readonly isComplete: boolean;
  readonly event: 'started' | 'completed' | 'stopped' | 'update';
  /** How many peers to be told of, at most. */
  readonly numWant: number;
}

interface TrackedPeer {
  readonly address: string;
  peerId: string;
  isComplete: boolean;
  announcedAtMs: number;
  /** Where it stands in the list. */
  index: number;
}

export class TrackedSwarm {
  /** By address; the one that announced longest ago comes first. */
  readonly #peers = new Map<string, TrackedPeer>();
  /** The same in no order, to choose from. */
  readonly #list: TrackedPeer[] = [];
  #complete = 0;
  #downloaded = 0;

  get size(): number {
    return this.#list.length;
  }

  get complete(): number {
    return this.#complete;
  }

  get incomplete(): number {
    return this.size - this.#complete;
  }

  /** How many downloads were completed while the swarm lived. */
  get downloaded(): number {
    return this.#downloaded;
  }

  has(address: string): boolean {
    return this.#peers.has(address);
  }

  /**
   * Takes the peer at its latest word: a seeder that comes back with something left is a leecher again.
   * Over `maxPeers`, the peer heard of longest ago makes room.
   */
  announce(announce: AcceptedAnnounce, nowMs: number, maxPeers: number): void {
    const { peerId, address, isComplete, event } = announce;
    const before = this.#remove(address);
    if (event === 'stopped') return;
    if (event === 'completed' && !before?.isComplete) this.#downloaded += 1;
    for (const oldest of this.#peers.keys()) {
      if (this.size < maxPeers) break;
      this.#remove(oldest);
    }
    const peer = { address, peerId, isComplete, announcedAtMs: nowMs, index: this.size };
    this.#peers.set(address, peer);
    this.#list.push(peer);
    if (isComplete) this.#complete += 1;
  }

  /**
   * The addresses of peers to tell the announcing one of: at random, never itself, not under another address either.
   * Costs as much as is told, however many there are.
   */
  addressesFor({ peerId, address, numWant }: AcceptedAnnounce): readonly string[] {
    const told: string[] = [];
    for (let index = 0; index < this.size && told.length < numWant; index++) {
      // One of those that had no turn yet comes here, as in a shuffle that is broken off.
      this.#swap(index, index + Math.floor(Math.random() * (this.size - index)));
      const peer = this.#list[index];
      if (peer && peer.peerId !== peerId && peer.address !== address) told.push(peer.address);
    }
    return told;
  }

  /** Forgets the peers that last announced before `sinceMs`. */
  expire(sinceMs: number): void {
    for (const [address, peer] of this.#peers) {
      if (peer.announcedAtMs >= sinceMs) break;
      this.#remove(address);
    }
  }

  #remove(address: string): TrackedPeer | undefined {
    const peer = this.#peers.get(address);
    if (peer === undefined) return undefined;
    if (peer.isComplete) this.#complete -= 1;
    this.#peers.delete(address);
    this.#swap(peer.index, this.size - 1);
    this.#list.pop();
    return peer;
  }

  #swap(a: number, b: number): void {
    const [atA, atB] = [this.#list[a], this.#list[b]];
    if (atA === undefined || atB === undefined) return;
    this.#list[a] = atB;
    this.#list[b] = atA;
    atA.index = b;
    atB.index = a;
  }
}
