// All swarms of a tracker: which torrents are tracked, and how much is remembered at most. What was registered always has
// room; of the rest, what was announced long ago makes room. No sockets, no clock.
import { trackerLimits } from '../../limits.js';
import { PeerCounts } from '../senders/peer-counts.js';
import { thisMachine } from '../senders/sender-key.js';
import { type AcceptedAnnounce, TrackedSwarm } from './tracked-swarm.js';

export interface SwarmsOptions {
  /** `registered`: torrents that were registered, or opened from this machine. `any`: whatever is announced. */
  readonly admit: 'registered' | 'any';
  /** How long a peer that does not announce is remembered. */
  readonly peerTtlMs: number;
  readonly limits?: Partial<TrackerLimits>;
}

type TrackerLimits = Readonly<Record<keyof typeof trackerLimits, number>>;

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

/** So many are looked at for the one that makes room. */
const looks = 16;

const full = { refusal: 'this tracker is full' };
const unknown = { refusal: 'this tracker does not track this torrent' };

export class Swarms {
  readonly #options: SwarmsOptions;
  readonly #limits: TrackerLimits;
  /** How often each torrent is registered. */
  readonly #registered = new Map<string, number>();
  /** The one announced longest ago comes first. */
  readonly #swarms = new Map<string, TrackedSwarm>();
  readonly #counts = new PeerCounts();

  constructor(options: SwarmsOptions) {
    this.#options = options;
    this.#limits = { ...trackerLimits, ...options.limits };
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

  /** Whether anybody from anywhere may announce it, peers or none: it was registered, or nothing needs to be. */
  isOpenToAll(infoHash: string): boolean {
    return this.#options.admit === 'any' || this.#registered.has(infoHash);
  }

  /** A leecher that there is no room for is told of others, though others are not told of it. */
  announce(announce: AcceptedAnnounce, nowMs: number): AnnounceOutcome {
    const { infoHash, senderKey, event, isComplete } = announce;
    const swarm = this.#swarms.get(infoHash);
    const mayOpen = senderKey === thisMachine || this.isOpenToAll(infoHash);
    if (!swarm && !mayOpen) return unknown;
    if (event === 'stopped') return this.#stop(swarm, announce, nowMs);
    const isRemembered = swarm?.has(announce) || this.#hasRoomFor(announce, swarm);
    if (!isRemembered && (!swarm || isComplete)) return full;
    const joined = swarm ?? new TrackedSwarm(this.#limits, this.#counts);
    if (isRemembered) {
      joined.announce(announce, nowMs);
      this.#swarms.delete(infoHash);
      this.#swarms.set(infoHash, joined);
    }
    return { ...countsOf(joined), peers: joined.addressesFor(announce) };
  }

  /** Zeros for a torrent that is not tracked. */
  scrape(infoHash: string): ScrapeCounts {
    const { complete = 0, downloaded = 0, incomplete = 0 } = this.#swarms.get(infoHash) ?? {};
    return { complete, downloaded, incomplete };
  }

  /** Forgets the peers that stopped announcing, and the swarms that have none left. */
  expire(nowMs: number): void {
    for (const [infoHash, swarm] of this.#swarms) {
      swarm.expire(nowMs - this.#options.peerTtlMs);
      if (swarm.size === 0) this.#swarms.delete(infoHash);
    }
  }

  #stop(
    swarm: TrackedSwarm | undefined,
    announce: AcceptedAnnounce,
    nowMs: number,
  ): AnnounceOutcome {
    swarm?.announce(announce, nowMs);
    if (swarm?.size === 0) this.#swarms.delete(announce.infoHash);
    return { ...countsOf(swarm), peers: [] };
  }

  /** For a peer that is not remembered yet, and for its swarm if there is none yet. Others may have to go. */
  #hasRoomFor(
    { senderKey, infoHash, isComplete }: AcceptedAnnounce,
    swarm: TrackedSwarm | undefined,
  ): boolean {
    const isOwn = senderKey === thisMachine;
    const isRegistered = this.#registered.has(infoHash);
    if (isOwn && isComplete && isRegistered) return true;
    if (!isOwn && this.#counts.of(senderKey) >= this.#limits.peersPerAddress) return false;
    const isFull = () =>
      this.#counts.total >= this.#limits.peers ||
      (!swarm && !isRegistered && this.size >= this.#limits.swarms + this.#registered.size);
    if (isFull()) this.#forgetOne(swarm);
    return !isFull();
  }

  /** Of some that were announced longest ago the smallest goes, but no registered one, nor `spared`. */
  #forgetOne(spared: TrackedSwarm | undefined): void {
    const oldest = [...firstOf(this.#swarms, looks)];
    const mayGo = oldest.filter(
      ([infoHash, swarm]) => swarm !== spared && !this.#registered.has(infoHash),
    );
    const smallest = mayGo.sort(([, a], [, b]) => a.size - b.size)[0];
    for (const [infoHash, swarm] of oldest) {
      this.#swarms.delete(infoHash);
      if (swarm === smallest?.[1]) swarm.clear();
      else this.#swarms.set(infoHash, swarm);
    }
  }
}

function* firstOf<T>(all: Iterable<T>, most: number): Generator<T> {
  let left = most;
  for (const each of all) {
    if (left === 0) return;
    left -= 1;
    yield each;
  }
}

function countsOf(swarm: TrackedSwarm | undefined): Pick<ScrapeCounts, 'complete' | 'incomplete'> {
  return { complete: swarm?.complete ?? 0, incomplete: swarm?.incomplete ?? 0 };
}
