// The peers of all swarms as a tracker knows them, each at most as long as it goes on announcing. Seeders on this machine
// stand apart: they are in every answer of their swarm, and nobody elsewhere can push them out or speak for them.
import { ownSender, type PeerCounts } from '../senders/peer-counts.js';
import type { AcceptedAnnounce } from './accepted-announce.js';
import { drawPeers } from './draw-peers.js';
import { firstToGo } from './oldest-peers.js';
import { apart, familyOf, peerWords, swarmWords } from './records/layout.js';
import { PeerGroups } from './records/peer-groups.js';
import { PeerRecords } from './records/peer-records.js';
import type { RecordTable } from './records/record-table.js';
import { Rings } from './records/rings.js';
import type { ToldPeers } from './told-peers.js';

/** Where one id is that of all peers, it is not looked for another among a million. */
const mostOfItself = 128;

export type SwarmLimits = Readonly<
  Record<'peersPerSwarm' | 'portsPerAddressAndSwarm' | 'ownSeedersPerSwarm', number>
>;

export class TrackedPeers {
  readonly #swarms: RecordTable;
  readonly #limits: SwarmLimits;
  readonly #counts: PeerCounts;
  readonly #peers = new PeerRecords();
  readonly #groups: PeerGroups;
  readonly #ownSeeders = new Rings(this.#peers.table, peerWords.crowd);

  constructor(swarms: RecordTable, limits: SwarmLimits, counts: PeerCounts) {
    this.#swarms = swarms;
    this.#limits = limits;
    this.#counts = counts;
    this.#groups = new PeerGroups(swarms, this.#peers.table);
  }

  get size(): number {
    return this.#peers.table.size;
  }

  has(swarm: number, { senderKey, address }: AcceptedAnnounce): boolean {
    return this.#peers.find(swarm, this.#counts.senderOf(senderKey), address) !== 0;
  }

  /** Takes the peer at its latest word: a seeder that comes back with something left is a leecher again. */
  announce(swarm: number, announce: AcceptedAnnounce, nowMs: number): void {
    const { senderKey, peerId, address, isComplete, event } = announce;
    const sender = this.#counts.senderOf(senderKey);
    const known = this.#peers.find(swarm, sender, address);
    const wasComplete = known !== 0 && this.#peers.isComplete(known);
    if (event === 'completed' && !wasComplete) this.#count(swarm, swarmWords.downloaded, 1);
    const isAsBefore = known !== 0 && wasComplete === isComplete && event !== 'stopped';
    if (isAsBefore && !this.#mayStandApart(swarm, known)) {
      this.#peers.hear(known, peerId, nowMs);
      return;
    }
    if (known !== 0) this.#remove(known);
    if (event === 'stopped') return;
    const standsApart = isComplete && this.#hasSlot(swarm, sender);
    if (!standsApart) this.#makeRoom(swarm, sender);
    const peer = this.#peers.add(swarm, sender, address, isComplete);
    this.#peers.hear(peer, peerId, nowMs);
    if (standsApart) this.#setApart(swarm, peer);
    else this.#groups.add(swarm, this.#peers.familyOf(peer), peer, this.#fellowOf(peer));
    this.#counts.add(sender);
    this.#count(swarm, swarmWords.peers, 1);
    if (isComplete) this.#count(swarm, swarmWords.complete, 1);
  }

  /** Seeders on this machine, then others at random. Never the one that asks, not under another address either. */
  tell(swarm: number, announce: AcceptedAnnounce, told: ToldPeers): void {
    const { peerId, address, numWant, addressBytes } = announce;
    if (numWant === 0) return;
    this.#peers.name(address);
    const idHash = this.#peers.idHashOf(peerId);
    const only = addressBytes === undefined ? undefined : familyOf(addressBytes);
    let left = mostOfItself;
    const tell = (peer: number): boolean => {
      const isFit = only === undefined || this.#peers.familyOf(peer) === only;
      const isItself =
        this.#peers.get(peer, peerWords.idHash) === idHash || this.#peers.isAtNamed(peer);
      if (isItself) left -= 1;
      else if (isFit) this.#tellOf(peer, told);
      return told.size < numWant && left > 0;
    };
    const seeders = this.#swarms.get(swarm, swarmWords.ownSeeders);
    let seeder = this.#swarms.get(swarm, swarmWords.ownSeeder);
    for (let left = seeders; left > 0; left--) {
      if (!tell(seeder)) return;
      seeder = this.#ownSeeders.next(seeder);
    }
    drawPeers(
      this.#groups,
      swarm,
      only,
      seeders === 0 ? tell : (peer) => this.#isAtOwnSeeder(swarm, peer) || tell(peer),
    );
  }

  /** Forgets all peers of a swarm. */
  clear(swarm: number): void {
    while (this.#swarms.get(swarm, swarmWords.peers) > 0) {
      this.#remove(this.#swarms.get(swarm, swarmWords.ownSeeder) || this.#groups.last(swarm));
    }
  }

  /** Forgets one that has not announced for `ttlMs`: the swarm that it was in, or 0 if there is none. */
  forgetSilent(nowMs: number, ttlMs: number): number {
    const { oldest } = this.#peers;
    if (oldest === 0 || !this.#peers.isSilent(oldest, nowMs, ttlMs)) return 0;
    const swarm = this.#peers.get(oldest, peerWords.swarm);
    this.#remove(oldest);
    return swarm;
  }

  /** Forgets the one of a swarm that is the first to go. */
  forgetOneOf(swarm: number): void {
    const goes = firstToGo(this.#groups, this.#peers, swarm);
    if (goes !== 0) this.#remove(goes);
  }

  /** For one more of this sender. */
  #makeRoom(swarm: number, sender: number): void {
    const { portsPerAddressAndSwarm, peersPerSwarm } = this.#limits;
    const oldest =
      sender === ownSender ? 0 : this.#oldestOf(swarm, sender, portsPerAddressAndSwarm);
    const others =
      this.#swarms.get(swarm, swarmWords.peers) - this.#swarms.get(swarm, swarmWords.ownSeeders);
    if (oldest !== 0) this.#remove(oldest);
    else if (others >= peersPerSwarm) this.forgetOneOf(swarm);
  }

  /** The one heard of longest ago of a sender elsewhere that has at least so many, or 0. */
  #oldestOf(swarm: number, sender: number, atLeast: number): number {
    let [oldest, count] = [0, 0];
    let peer = this.#peers.nextOfSender(swarm, sender);
    for (; peer !== 0; peer = this.#peers.nextOfSender(swarm, sender, peer)) {
      count += 1;
      oldest = this.#peers.older(oldest, peer);
    }
    return count < atLeast ? 0 : oldest;
  }

  #remove(peer: number): void {
    const swarm = this.#peers.get(peer, peerWords.swarm);
    if (this.#peers.get(peer, peerWords.position) === apart) this.#takeFromApart(swarm, peer);
    else this.#groups.remove(swarm, this.#peers.familyOf(peer), peer);
    this.#counts.remove(this.#peers.get(peer, peerWords.sender));
    this.#count(swarm, swarmWords.peers, -1);
    if (this.#peers.isComplete(peer)) this.#count(swarm, swarmWords.complete, -1);
    this.#peers.remove(peer);
  }

  /** Another of its sender and family, or 0. */
  #fellowOf(peer: number): number {
    const [swarm, sender] = [
      this.#peers.get(peer, peerWords.swarm),
      this.#peers.get(peer, peerWords.sender),
    ];
    const family = this.#peers.familyOf(peer);
    if (sender === ownSender) return this.#groups.own(swarm, family);
    let fellow = this.#peers.nextOfSender(swarm, sender);
    while (fellow !== 0 && (fellow === peer || this.#peers.familyOf(fellow) !== family)) {
      fellow = this.#peers.nextOfSender(swarm, sender, fellow);
    }
    return fellow;
  }

  #setApart(swarm: number, peer: number): void {
    const first = this.#swarms.get(swarm, swarmWords.ownSeeder);
    if (first === 0) this.#ownSeeders.begin(peer);
    else this.#ownSeeders.insert(peer, first);
    this.#swarms.set(swarm, swarmWords.ownSeeder, first || peer);
    this.#count(swarm, swarmWords.ownSeeders, 1);
    this.#peers.table.set(peer, peerWords.position, apart);
  }

  #takeFromApart(swarm: number, peer: number): void {
    const next = this.#ownSeeders.next(peer);
    this.#ownSeeders.remove(peer);
    this.#swarms.set(swarm, swarmWords.ownSeeder, next === peer ? 0 : next);
    this.#count(swarm, swarmWords.ownSeeders, -1);
  }

  /** Whether it does not yet, though there is a slot for it. */
  #mayStandApart(swarm: number, peer: number): boolean {
    return (
      this.#peers.get(peer, peerWords.position) !== apart &&
      this.#peers.isComplete(peer) &&
      this.#hasSlot(swarm, this.#peers.get(peer, peerWords.sender))
    );
  }

  #hasSlot(swarm: number, sender: number): boolean {
    const seeders = this.#swarms.get(swarm, swarmWords.ownSeeders);
    return sender === ownSender && seeders < this.#limits.ownSeedersPerSwarm;
  }

  #tellOf(peer: number, told: ToldPeers): void {
    const { bytes } = this.#peers.table;
    const start = this.#peers.addressStart(peer);
    if (this.#peers.familyOf(peer) === swarmWords.ipv4) told.addIpv4(bytes, start);
    else told.addIpv6(bytes, start);
  }

  #isAtOwnSeeder(swarm: number, peer: number): boolean {
    let seeder = this.#swarms.get(swarm, swarmWords.ownSeeder);
    for (let left = this.#swarms.get(swarm, swarmWords.ownSeeders); left > 0; left--) {
      if (this.#peers.isSameAddress(seeder, peer)) return true;
      seeder = this.#ownSeeders.next(seeder);
    }
    return false;
  }

  #count(swarm: number, word: number, by: number): void {
    this.#swarms.set(swarm, word, this.#swarms.get(swarm, word) + by);
  }
}
