// The peers of one torrent as a tracker knows them, each at most as long as it goes on announcing.

/** One announce, checked. */
export interface Announce {
  /** 40 lower-case hex digits, as is `peerId`. */
  readonly infoHash: string;
  readonly peerId: string;
  readonly ip: string;
  readonly port: number;
  /** Nothing is left to download: a seeder. */
  readonly isComplete: boolean;
  readonly event: 'started' | 'completed' | 'stopped' | 'update';
  /** How many peers to be told of, at most. */
  readonly numwant: number;
}

export interface Peer {
  readonly peerId: string;
  readonly ip: string;
  readonly port: number;
  readonly isComplete: boolean;
  readonly announcedAtMs: number;
}

export class Swarm {
  /** By address; the one that announced longest ago comes first. */
  readonly #peers = new Map<string, Peer>();
  #complete = 0;
  #downloaded = 0;

  get size(): number {
    return this.#peers.size;
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

  has({ ip, port }: Pick<Peer, 'ip' | 'port'>): boolean {
    return this.#peers.has(addressOf(ip, port));
  }

  /**
   * Takes the peer at its latest word: a seeder that comes back with something left is a leecher again.
   * Over `maxPeers`, the peer heard of longest ago makes room.
   */
  announce(announce: Announce, nowMs: number, maxPeers: number): void {
    const { peerId, ip, port, isComplete, event } = announce;
    const before = this.#remove(addressOf(ip, port));
    if (event === 'stopped') return;
    if (event === 'completed' && !before?.isComplete) this.#downloaded += 1;
    for (const oldest of this.#peers.keys()) {
      if (this.size < maxPeers) break;
      this.#remove(oldest);
    }
    this.#peers.set(addressOf(ip, port), { peerId, ip, port, isComplete, announcedAtMs: nowMs });
    if (isComplete) this.#complete += 1;
  }

  /** Peers to tell the announcing one of: at random, never itself, not under another address either. */
  peersFor({ peerId, ip, port, numwant }: Announce): Peer[] {
    const others = [...this.#peers.values()].filter(
      (peer) => peer.peerId !== peerId && !(peer.ip === ip && peer.port === port),
    );
    const told: Peer[] = [];
    while (told.length < numwant && others.length > 0) {
      const [peer] = others.splice(Math.floor(Math.random() * others.length), 1);
      if (peer) told.push(peer);
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

  #remove(address: string): Peer | undefined {
    const peer = this.#peers.get(address);
    if (peer?.isComplete) this.#complete -= 1;
    this.#peers.delete(address);
    return peer;
  }
}

function addressOf(ip: string, port: number): string {
  return `${ip} ${port}`;
}
