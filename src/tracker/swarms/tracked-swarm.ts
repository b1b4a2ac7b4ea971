// The peers of one torrent as a tracker knows them, each at most as long as it goes on announcing. Seeders on this machine
// stand apart: they are in every answer, and nobody elsewhere can push them out or speak for them.

import type { PeerCounts } from '../senders/peer-counts.js';
import { thisMachine } from '../senders/sender-key.js';
import type { TrackedPeer } from './peer-crowd.js';
import { PeersBySender } from './peers-by-sender.js';

/** One announce, checked. */
export interface AcceptedAnnounce {
  /** 40 lower-case hex digits. */
  readonly infoHash: string;
  /** One character a byte, as is `address`: so short a string takes a third of a buffer's memory. */
  readonly peerId: string;
  /** Compact, as peers are told of it (BEP 23, BEP 7). */
  readonly address: string;
  /** Who sent it: an address, or `thisMachine`. */
  readonly senderKey: string;
  /** Nothing is left to download: a seeder. */
  readonly isComplete: boolean;
  readonly event: 'started' | 'completed' | 'stopped' | 'update';
  /** How many peers to be told of, at most. */
  readonly numWant: number;
  /** Told only of those whose compact form is so long; undefined: of all. */
  readonly addressBytes?: number | undefined;
}

export type SwarmLimits = Readonly<
  Record<'peersPerSwarm' | 'portsPerAddressAndSwarm' | 'ownSeedersPerSwarm', number>
>;

export class TrackedSwarm {
  readonly #limits: SwarmLimits;
  readonly #counts: PeerCounts;
  /** By address. Most swarms have none. */
  #ownSeeders: Map<string, TrackedPeer> | undefined;
  readonly #others = new PeersBySender();
  #complete = 0;
  #downloaded = 0;

  constructor(limits: SwarmLimits, counts: PeerCounts) {
    this.#limits = limits;
    this.#counts = counts;
  }

  get size(): number {
    return this.#others.peers + (this.#ownSeeders?.size ?? 0);
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

  has({ senderKey, address }: AcceptedAnnounce): boolean {
    return this.#find(senderKey, address) !== undefined;
  }

  /** Takes the peer at its latest word: a seeder that comes back with something left is a leecher again. */
  announce(announce: AcceptedAnnounce, nowMs: number): void {
    const { senderKey, peerId, address, isComplete, event } = announce;
    const known = this.#find(senderKey, address);
    if (event === 'completed' && !known?.isComplete) this.#downloaded += 1;
    const isAsBefore = known?.isComplete === isComplete && event !== 'stopped';
    if (known && isAsBefore && this.#refresh(senderKey, known)) {
      known.peerId = peerId;
      known.announcedAtMs = nowMs;
      return;
    }
    if (known) this.#remove(senderKey, known);
    if (event === 'stopped') return;
    this.#add(senderKey, { address, peerId, isComplete, announcedAtMs: nowMs, index: 0 });
  }

  /**
   * The addresses of peers to tell the announcing one of: seeders on this machine, then others at random. Never itself,
   * not under another address either.
   */
  addressesFor({ peerId, address, numWant, addressBytes }: AcceptedAnnounce): readonly string[] {
    const told: string[] = [];
    const tell = (peer: TrackedPeer): boolean => {
      const isFit = addressBytes === undefined || peer.address.length === addressBytes;
      if (isFit && peer.peerId !== peerId && peer.address !== address) told.push(peer.address);
      return told.length < numWant;
    };
    const wantsMore =
      numWant > 0 && [...(this.#ownSeeders?.values() ?? [])].every((seeder) => tell(seeder));
    if (!wantsMore) return told;
    this.#others.draw((peer) => this.#ownSeeders?.has(peer.address) || tell(peer));
    return told;
  }

  /** Forgets the peers that last announced before `sinceMs`. */
  expire(sinceMs: number): void {
    if (this.#ownSeeders) {
      for (const seeder of this.#ownSeeders.values()) {
        if (seeder.announcedAtMs < sinceMs) this.#remove(thisMachine, seeder);
      }
    }
    for (const silent of this.#others.silentSince(sinceMs)) this.#remove(...silent);
  }

  /** Forgets everybody. */
  clear(): void {
    this.expire(Number.POSITIVE_INFINITY);
  }

  #find(senderKey: string, address: string): TrackedPeer | undefined {
    const seeder = senderKey === thisMachine ? this.#ownSeeders?.get(address) : undefined;
    return seeder ?? this.#others.find(senderKey, address);
  }

  #add(senderKey: string, peer: TrackedPeer): void {
    if (!this.#addOwnSeeder(senderKey, peer)) {
      this.#makeRoom(senderKey);
      this.#others.add(senderKey, peer);
    }
    this.#counts.add(senderKey);
    if (peer.isComplete) this.#complete += 1;
  }

  /** False if it is to be among others from now on. */
  #refresh(senderKey: string, peer: TrackedPeer): boolean {
    if (this.#isOwnSeeder(peer)) return true;
    if (this.#hasSlotFor(senderKey, peer)) return false;
    this.#others.refresh([senderKey, peer]);
    return true;
  }

  #addOwnSeeder(senderKey: string, peer: TrackedPeer): boolean {
    if (!this.#hasSlotFor(senderKey, peer)) return false;
    this.#ownSeeders ??= new Map();
    this.#ownSeeders.set(peer.address, peer);
    return true;
  }

  /** Among the seeders on this machine that stand apart. */
  #hasSlotFor(senderKey: string, { isComplete }: TrackedPeer): boolean {
    const { ownSeedersPerSwarm } = this.#limits;
    const hasSlot = (this.#ownSeeders?.size ?? 0) < ownSeedersPerSwarm;
    return senderKey === thisMachine && isComplete && hasSlot;
  }

  #makeRoom(senderKey: string): void {
    const { portsPerAddressAndSwarm, peersPerSwarm } = this.#limits;
    const ports = senderKey === thisMachine ? Number.POSITIVE_INFINITY : portsPerAddressAndSwarm;
    const goes =
      this.#others.oldestOf(senderKey, ports) ??
      (this.#others.peers < peersPerSwarm ? undefined : this.#others.first());
    if (goes) this.#remove(...goes);
  }

  #remove(senderKey: string, peer: TrackedPeer): void {
    if (this.#isOwnSeeder(peer)) this.#ownSeeders?.delete(peer.address);
    else this.#others.remove([senderKey, peer]);
    this.#counts.remove(senderKey);
    if (peer.isComplete) this.#complete -= 1;
  }

  #isOwnSeeder(peer: TrackedPeer): boolean {
    return this.#ownSeeders?.get(peer.address) === peer;
  }
}
