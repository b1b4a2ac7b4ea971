// The peers that one torrent knows, and which of them is to be dialled next: those never tried before those that are tried
// again, but nobody waits for ever. It dials nobody itself.
import { dialLimits } from '../../../limits.js';
import type { PeerAddress } from '../../../net/peer-address.js';
import { PeerOrigins } from './peer-origins.js';
import { type PeerSource, sourceKinds } from './peer-source.js';

/** Whoever was never tried comes before those that are tried again. */
export type DialTurn = 'first' | 'again';

export interface KnownPeer {
  readonly address: PeerAddress;
  source: PeerSource;
  /** `met`: it is connected, for it has dialled us. */
  state: 'untried' | 'due' | 'dialled' | 'waiting' | 'met';
  /** What worked, or is to be tried next. */
  security: 'plaintext' | 'encrypted';
  /** In a row. */
  failures: number;
  /** In hex, once it has said so at this address: it is a peer. */
  peerId: string | undefined;
  wantsNothing: boolean;
  dueAtMs: number;
  timer: NodeJS.Timeout | undefined;
}

export class KnownPeers {
  readonly #byAddress = new Map<string, KnownPeer>();
  readonly #origins = new PeerOrigins<KnownPeer>();
  /** To be tried in another way while they are there: as if they had not been tried. */
  readonly #urgent = new Set<KnownPeer>();
  /** To be tried again, in this order. */
  readonly #due = new Set<KnownPeer>();
  readonly #nowMs: () => number;
  #wasRetry = false;

  /** `nowMs`: a clock, for tests. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get(text: string): KnownPeer | undefined {
    return this.#byAddress.get(text);
  }

  get isEmpty(): boolean {
    return this.#byAddress.size === 0;
  }

  /** Whether anybody is dialled, or to be dialled, of whom it is not known that nobody is there. */
  get hasCandidates(): boolean {
    const isCandidate = ({ state, failures }: KnownPeer) =>
      failures === 0 && (state === 'untried' || state === 'due' || state === 'dialled');
    return [...this.#byAddress.values()].some(isCandidate);
  }

  /** Undefined if it is known, or there is no room for it. `isRetry`: it has failed before, for whomever. */
  add(address: PeerAddress, source: PeerSource, isRetry = false): KnownPeer | undefined {
    const known = this.#byAddress.get(address.text);
    if (known !== undefined) this.#vouch(known, source);
    if (known !== undefined || !this.#makeRoom(source)) return undefined;
    const peer: KnownPeer = {
      address,
      source,
      state: 'untried',
      security: 'plaintext',
      failures: 0,
      peerId: undefined,
      wantsNothing: false,
      dueAtMs: 0,
      timer: undefined,
    };
    this.#byAddress.set(address.text, peer);
    const { untried } = this.#origins.add(peer, source);
    if (isRetry) this.tryAgain(peer);
    else untried.add(peer);
    return peer;
  }

  forget(peer: KnownPeer): void {
    clearTimeout(peer.timer);
    this.#leaveQueues(peer);
    this.#origins.delete(peer, peer.source);
    this.#byAddress.delete(peer.address.text);
  }

  clear(): void {
    for (const peer of [...this.#byAddress.values()]) this.forget(peer);
  }

  /** It is not to be dialled until `tryAgain`. */
  suspend(peer: KnownPeer, state: 'dialled' | 'waiting' | 'met'): void {
    clearTimeout(peer.timer);
    this.#leaveQueues(peer);
    peer.state = state;
    const isDead = state === 'waiting' && peer.peerId === undefined;
    if (isDead) this.#origins.of(peer.source)?.failed.add(peer);
  }

  tryAgain(peer: KnownPeer, isUrgent = false): void {
    this.suspend(peer, 'waiting');
    peer.state = 'due';
    peer.dueAtMs = this.#nowMs();
    (isUrgent ? this.#urgent : this.#due).add(peer);
  }

  /** Whether anybody is to be dialled, free or not. */
  has(turn: DialTurn): boolean {
    if (turn === 'again') return this.#due.size > 0;
    return this.#urgent.size > 0 || this.#isOverdue || this.#origins.hasUntried;
  }

  /** Whoever is to be dialled next, if `isFree` says so. */
  next(turn: DialTurn, isFree: (peer: KnownPeer) => boolean): KnownPeer | undefined {
    for (const queue of turn === 'first' ? this.#firstQueues() : [this.#due]) {
      for (const peer of queue) {
        if (!isFree(peer)) continue;
        this.#wasRetry = queue === this.#due;
        if (peer.state === 'untried') this.#origins.tookTurn(peer.source);
        return peer;
      }
    }
    return undefined;
  }

  /** Every other turn is for those who have waited too long. */
  *#firstQueues(): Iterable<ReadonlySet<KnownPeer>> {
    yield this.#urgent;
    if (this.#isOverdue) yield this.#due;
    yield* this.#origins.untried();
  }

  get #isOverdue(): boolean {
    if (this.#due.size === 0 || this.#wasRetry) return false;
    const [oldest] = this.#due;
    return oldest !== undefined && this.#nowMs() - oldest.dueAtMs >= dialLimits.retryWaitMs;
  }

  #leaveQueues(peer: KnownPeer): void {
    const { untried, failed } = this.#origins.of(peer.source) ?? {};
    for (const queue of [untried, failed, this.#urgent, this.#due]) queue?.delete(peer);
  }

  /** It counts as named by the most trusted of those who have named it. */
  #vouch(peer: KnownPeer, source: PeerSource): void {
    const rankOf = ({ kind }: PeerSource) => sourceKinds.indexOf(kind);
    if (rankOf(source) >= rankOf(peer.source)) return;
    const before = this.#origins.of(peer.source);
    const [isUntried, isDead] = [before?.untried.has(peer), before?.failed.has(peer)];
    this.#origins.delete(peer, peer.source);
    peer.source = source;
    const { untried, failed } = this.#origins.add(peer, source);
    if (isUntried) untried.add(peer);
    if (isDead) failed.add(peer);
  }

  #makeRoom(source: PeerSource): boolean {
    if (this.#byAddress.size < dialLimits.knownPeersPerTorrent) return true;
    const displaced = this.#origins.toDisplace(source);
    if (displaced !== undefined) this.forget(displaced);
    return displaced !== undefined;
  }
}
