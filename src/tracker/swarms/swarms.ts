// All swarms of a tracker: which torrents are tracked, and how much is remembered at most. What was registered always has
// room; of the rest, what was announced long ago makes room. No sockets, no clock.
import { trackerLimits } from '../../limits.js';
import { KeyedHash } from '../senders/keyed-hash.js';
import { PeerCounts } from '../senders/peer-counts.js';
import { thisMachine } from '../senders/sender-key.js';
import type { AcceptedAnnounce } from './accepted-announce.js';
import { infoHashWords, peerBytes, swarmBytes, swarmTable, swarmWords } from './records/layout.js';
import { Rings } from './records/rings.js';
import { ToldPeers } from './told-peers.js';
import { TrackedPeers } from './tracked-peers.js';

export interface SwarmsOptions {
  /** `registered`: torrents that were registered, or opened from this machine. `any`: whatever is announced. */
  readonly admit: 'registered' | 'any';
  /** How long a peer that does not announce is remembered. */
  readonly peerTtlMs: number;
  readonly limits?: Partial<TrackerLimits>;
}

export type TrackerLimits = Readonly<Record<keyof typeof trackerLimits, number>>;

export type AnnounceOutcome = { readonly refusal: string } | AcceptedOutcome;

interface AcceptedOutcome {
  readonly refusal?: never;
  readonly complete: number;
  readonly incomplete: number;
  /** Its bytes are those of the next answer when there is one. */
  readonly told: ToldPeers;
}

export interface ScrapeCounts {
  readonly complete: number;
  readonly downloaded: number;
  readonly incomplete: number;
}

/** So many are looked at for the one that makes room. */
const looks = 16;
/** Where a new swarm takes the place of peers, there must go several. */
const mostVictims = 4;
/** Where the ring of those that may make room begins. */
const none = 0;

const full = { refusal: 'this tracker is full' };
const unknown = { refusal: 'this tracker does not track this torrent' };

export class Swarms {
  readonly #options: SwarmsOptions;
  readonly #limits: TrackerLimits;
  readonly #swarms = swarmTable();
  readonly #ages = new Rings(this.#swarms, swarmWords.age);
  readonly #hash = new KeyedHash();
  readonly #counts: PeerCounts;
  readonly #peers: TrackedPeers;
  readonly #told = new ToldPeers();
  /** Swarms that are registered and have no peers. */
  #waiting = 0;

  constructor(options: SwarmsOptions, counts = new PeerCounts()) {
    this.#options = options;
    this.#limits = { ...trackerLimits, ...options.limits };
    this.#counts = counts;
    this.#peers = new TrackedPeers(this.#swarms, this.#limits, counts);
    this.#ages.begin(none);
  }

  /** How many swarms have peers. */
  get size(): number {
    return this.#swarms.size - this.#waiting;
  }

  get peers(): number {
    return this.#peers.size;
  }

  /** What all of it takes of memory, by its own account. */
  get bytes(): number {
    return this.#swarms.size * swarmBytes + this.#peers.size * peerBytes;
  }

  register(infoHash: Uint8Array): void {
    const swarm = this.#find(infoHash) || this.#open(infoHash);
    if (this.#get(swarm, swarmWords.registered) === 0) {
      this.#ages.remove(swarm);
      if (this.#get(swarm, swarmWords.peers) === 0) this.#waiting += 1;
    }
    this.#swarms.set(swarm, swarmWords.registered, this.#get(swarm, swarmWords.registered) + 1);
  }

  /**
   * Takes one registration back. After the last the torrent is tracked for as long as it has peers: they may need each
   * other still.
   */
  unregister(infoHash: Uint8Array): void {
    const swarm = this.#find(infoHash);
    const others = this.#get(swarm, swarmWords.registered) - 1;
    if (swarm === none || others < 0) return;
    this.#swarms.set(swarm, swarmWords.registered, others);
    if (others > 0) return;
    this.#ages.insert(swarm, none);
    if (this.#get(swarm, swarmWords.peers) > 0) return;
    this.#waiting -= 1;
    this.#close(swarm);
  }

  /** Whether anybody from anywhere may announce it, peers or none: it was registered, or nothing needs to be. */
  isOpenToAll(infoHash: Uint8Array): boolean {
    return this.#options.admit === 'any' || this.#isRegistered(this.#find(infoHash));
  }

  /** A leecher that there is no room for is told of others, though others are not told of it. */
  announce(announce: AcceptedAnnounce, nowMs: number): AnnounceOutcome {
    const { infoHash, senderKey, event, isComplete, numWant } = announce;
    const swarm = this.#find(infoHash);
    const mayOpen =
      senderKey === thisMachine || this.#options.admit === 'any' || this.#isRegistered(swarm);
    const isThere = this.#get(swarm, swarmWords.peers) > 0;
    if (!isThere && !mayOpen) return unknown;
    this.#told.clear(numWant);
    if (event === 'stopped') return this.#stop(swarm, announce, nowMs);
    const isRemembered =
      (isThere && this.#peers.has(swarm, announce)) || this.#hasRoomFor(announce, swarm);
    if (!isRemembered && (!isThere || isComplete)) return full;
    const joined = swarm || this.#open(infoHash);
    if (isRemembered) this.#join(joined, announce, nowMs);
    this.#peers.tell(joined, announce, this.#told);
    return this.#outcomeOf(joined);
  }

  /** Zeros for a torrent that is not tracked. */
  scrape(infoHash: Uint8Array): ScrapeCounts {
    const swarm = this.#find(infoHash);
    const { complete, incomplete } = this.#outcomeOf(swarm);
    return { complete, incomplete, downloaded: this.#get(swarm, swarmWords.downloaded) };
  }

  /**
   * Forgets peers that stopped announcing, and swarms that have none left: so many at most, and whether those were all.
   * Costs as much as is forgotten, however many there are.
   */
  expire(nowMs: number, most = Number.POSITIVE_INFINITY): boolean {
    for (let left = most; left > 0; left--) {
      const swarm = this.#peers.forgetSilent(nowMs, this.#options.peerTtlMs);
      if (swarm === none) return true;
      this.#closeIfEmpty(swarm);
    }
    return false;
  }

  #join(swarm: number, announce: AcceptedAnnounce, nowMs: number): void {
    const wasEmpty = this.#get(swarm, swarmWords.peers) === 0;
    this.#peers.announce(swarm, announce, nowMs);
    if (!this.#isRegistered(swarm)) this.#renew(swarm);
    else if (wasEmpty) this.#waiting -= 1;
  }

  #stop(swarm: number, announce: AcceptedAnnounce, nowMs: number): AnnounceOutcome {
    if (this.#get(swarm, swarmWords.peers) === 0) return this.#outcomeOf(none);
    this.#peers.announce(swarm, announce, nowMs);
    const outcome = this.#outcomeOf(swarm);
    this.#closeIfEmpty(swarm);
    return outcome;
  }

  /** For a peer that is not remembered yet, and for its swarm if there is none yet. Others may have to go. */
  #hasRoomFor({ senderKey, isComplete }: AcceptedAnnounce, swarm: number): boolean {
    const isOwn = senderKey === thisMachine;
    if (isOwn && isComplete && this.#isRegistered(swarm)) return true;
    const { peersPerAddress, memoryBytes } = this.#limits;
    const ofSender = this.#counts.of(this.#counts.senderOf(senderKey));
    if (!isOwn && ofSender >= peersPerAddress) return false;
    const bytes = peerBytes + (swarm === none ? swarmBytes : 0);
    const isFull = () => this.bytes + bytes > memoryBytes;
    for (let left = mostVictims; left > 0 && isFull(); left--) this.#makeRoom(swarm);
    return !isFull();
  }

  /**
   * Of some swarms that were announced longest ago the smallest goes, but no registered one, nor `joined`, unless that is
   * a large one. Of a large one only a peer goes.
   */
  #makeRoom(joined: number): void {
    const goes = this.#isLarge(joined) ? joined : this.#smallestOfOldest(joined);
    if (goes === none) return;
    if (this.#isLarge(goes)) this.#peers.forgetOneOf(goes);
    else this.#peers.clear(goes);
    this.#closeIfEmpty(goes);
  }

  #smallestOfOldest(spared: number): number {
    let [smallest, least] = [none, Number.POSITIVE_INFINITY];
    const newest = this.#ages.previous(none);
    for (let left = looks; left > 0; left--) {
      const oldest = this.#ages.next(none);
      if (oldest === none) break;
      const peers = this.#get(oldest, swarmWords.peers);
      if (oldest !== spared && peers < least) [smallest, least] = [oldest, peers];
      this.#renew(oldest);
      if (oldest === newest) break;
    }
    return smallest;
  }

  #isLarge(swarm: number): boolean {
    return this.#get(swarm, swarmWords.peers) > this.#limits.peersOfLargeSwarm;
  }

  #find(infoHash: Uint8Array): number {
    let swarm = this.#swarms.first(this.#hash.ofBytes(infoHash));
    while (swarm !== none && !this.#isAbout(swarm, infoHash)) swarm = this.#swarms.next(swarm);
    return swarm;
  }

  #isAbout(swarm: number, infoHash: Uint8Array): boolean {
    const { bytes } = this.#swarms;
    const start = 4 * (swarm + swarmWords.infoHash);
    for (let index = 0; index < 4 * infoHashWords; index++) {
      if (bytes[start + index] !== infoHash[index]) return false;
    }
    return true;
  }

  #open(infoHash: Uint8Array): number {
    const swarm = this.#swarms.add(this.#hash.ofBytes(infoHash));
    this.#swarms.bytes.set(infoHash, 4 * (swarm + swarmWords.infoHash));
    this.#ages.insert(swarm, none);
    return swarm;
  }

  #closeIfEmpty(swarm: number): void {
    if (this.#get(swarm, swarmWords.peers) > 0) return;
    if (this.#isRegistered(swarm)) this.#waiting += 1;
    else this.#close(swarm);
  }

  #close(swarm: number): void {
    this.#ages.remove(swarm);
    this.#swarms.remove(swarm);
  }

  /** It was announced last. */
  #renew(swarm: number): void {
    this.#ages.remove(swarm);
    this.#ages.insert(swarm, none);
  }

  #isRegistered(swarm: number): boolean {
    return this.#get(swarm, swarmWords.registered) > 0;
  }

  #outcomeOf(swarm: number): AcceptedOutcome {
    const complete = this.#get(swarm, swarmWords.complete);
    const incomplete = this.#get(swarm, swarmWords.peers) - complete;
    return { complete, incomplete, told: this.#told };
  }

  /** 0 of what is none. */
  #get(swarm: number, word: number): number {
    return swarm === none ? 0 : this.#swarms.get(swarm, word);
  }
}
