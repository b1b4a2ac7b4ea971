// Who may ask us for blocks, of all peers of all torrents of one engine. Those who give us what we lack come first, the
// others take turns, and a newcomer with nothing to give yet is let in at once. While others wait, one address has its share
// of the slots and no more. Knows no messages, pieces or torrents.
import { servingLimits } from '../../../limits.js';
import { UploadSlots } from './upload-slots.js';

/** A peer as its choking sees it. */
export interface ChokedPeer {
  /** Who counts as one; undefined: this machine, where each counts for itself. */
  readonly address: string | undefined;
  /** Bytes of blocks, since the connection began: ours to it, and its to us. */
  readonly takenBytes: number;
  readonly givenBytes: number;
  /** It has no piece yet. */
  readonly isNewcomer: boolean;
  /** It has asked for blocks that have not gone out yet. */
  readonly isAsking: boolean;
  choke(): void;
  unchoke(): void;
}

export interface ChokerOptions {
  /** What all of them may be sent; undefined: no limit. */
  readonly upBytesPerSecond?: number | undefined;
  readonly nowMs?: () => number;
}

const tickMs = 1_000;
/** Nobody is choked sooner: it takes some time until a connection is quick (BEP 3 has the same). */
const leastUnchokedMs = 10_000;
/** Whoever gives us nothing makes way for another then (BEP 3). */
const turnMs = 30_000;
/** It is unchoked, and asks for nothing: its slot is free after so long. */
const idleMs = 4_000;
/** One in five slots goes round, whoever gives what. */
const optimisticShare = 5;
/** For newcomers, beside the slots: until they have a piece they can give nothing. */
const newcomerSlots = 4;

/** What is remembered of a peer that is interested. */
interface PeerRates {
  sinceMs: number;
  takenBytes: number;
  givenBytes: number;
  takenAtMs: number;
  givenBytesPerSecond: number;
}

export class Choker {
  readonly #nowMs: () => number;
  readonly #slots: UploadSlots;
  /** Unchoked, and they ask for something; in the order in which they were let in. */
  readonly #unchoked = new Map<ChokedPeer, PeerRates>();
  /** How many of them an address has. */
  readonly #slotsOf = new Map<string, number>();
  /** Unchoked, and they want nothing now: they take no slot until they ask again. */
  readonly #idle = new Set<ChokedPeer>();
  /** Interested, and choked; the longest waiting first. */
  readonly #waiting = new Map<ChokedPeer, PeerRates>();
  #timer: NodeJS.Timeout | undefined;
  #lookedAtMs = 0;
  /** When a slot last went round, and when one last went to somebody whose address had its share. */
  #turnedAtMs = 0;
  #overdueAtMs = 0;

  constructor({ upBytesPerSecond, nowMs = () => performance.now() }: ChokerOptions = {}) {
    this.#nowMs = nowMs;
    this.#slots = new UploadSlots(upBytesPerSecond);
  }

  /** How many peers have a slot, how many wait for one, and how many slots there are. */
  get counts(): { readonly unchoked: number; readonly waiting: number; readonly slots: number } {
    const { count: slots } = this.#slots;
    return { unchoked: this.#unchoked.size, waiting: this.#waiting.size, slots };
  }

  /** It wants something of us: it says so, or asks. */
  wants(peer: ChokedPeer): void {
    if (this.#unchoked.has(peer) || this.#waiting.has(peer)) return;
    const rates = ratesOf(peer, this.#nowMs());
    const crowding = this.#hasRoomFor(peer) ? undefined : this.#crowding(peer);
    if (crowding !== undefined) this.#exchange(crowding, peer, rates);
    else if (this.#hasRoomFor(peer)) this.#letIn(peer, rates);
    else this.#makeWait(peer, rates);
  }

  /** It wants nothing any more. */
  wantsNothing(peer: ChokedPeer): void {
    if (this.#freeSlot(peer)) this.#idle.add(peer);
    this.#waiting.delete(peer);
    this.#letNextIn();
  }

  /** The connection is over. */
  disconnected(peer: ChokedPeer): void {
    this.#freeSlot(peer);
    this.#idle.delete(peer);
    this.#waiting.delete(peer);
    this.#letNextIn();
  }

  /** Every second while somebody waits. Public for tests. */
  tick(): void {
    const nowMs = this.#nowMs();
    const seconds = Math.max(0.001, (nowMs - this.#lookedAtMs) / 1000);
    this.#lookedAtMs = nowMs;
    let takenBytes = 0;
    for (const [peer, rates] of [...this.#unchoked]) {
      takenBytes += measure(peer, rates, seconds, nowMs);
      const isIdle = !peer.isAsking && nowMs - rates.takenAtMs >= idleMs;
      if (isIdle) this.wantsNothing(peer);
    }
    for (const [peer, rates] of this.#waiting) measure(peer, rates, seconds, nowMs);
    this.#slots.measure(takenBytes / seconds, nowMs);
    this.#letNextIn();
    this.#rotate(nowMs);
  }

  close(): void {
    this.#stopLooking();
    this.#unchoked.clear();
    this.#slotsOf.clear();
    this.#idle.clear();
    this.#waiting.clear();
  }

  #hasRoomFor(peer: ChokedPeer): boolean {
    const extra = peer.isNewcomer ? newcomerSlots : 0;
    return this.#unchoked.size < this.#slots.count + extra;
  }

  #letIn(peer: ChokedPeer, rates: PeerRates): void {
    rates.sinceMs = this.#nowMs();
    rates.takenAtMs = rates.sinceMs;
    this.#waiting.delete(peer);
    this.#idle.delete(peer);
    this.#unchoked.set(peer, rates);
    if (peer.address !== undefined) {
      this.#slotsOf.set(peer.address, this.#countOf(peer.address) + 1);
    }
    peer.unchoke();
  }

  #freeSlot(peer: ChokedPeer): boolean {
    const { address } = peer;
    if (!this.#unchoked.delete(peer)) return false;
    if (address === undefined) return true;
    const left = this.#countOf(address) - 1;
    if (left > 0) this.#slotsOf.set(address, left);
    else this.#slotsOf.delete(address);
    return true;
  }

  #makeWait(peer: ChokedPeer, rates: PeerRates): void {
    if (this.#idle.delete(peer)) peer.choke();
    rates.sinceMs = this.#nowMs();
    this.#waiting.set(peer, rates);
    if (this.#timer === undefined) this.#startLooking(rates.sinceMs);
  }

  /** What went out while nobody looked is no rate of now. */
  #startLooking(nowMs: number): void {
    const seconds = Math.max(0.001, (nowMs - this.#lookedAtMs) / 1000);
    for (const [peer, rates] of this.#unchoked) measure(peer, rates, seconds, nowMs);
    this.#lookedAtMs = nowMs;
    this.#turnedAtMs = nowMs;
    this.#overdueAtMs = nowMs;
    this.#timer = setInterval(() => this.tick(), tickMs).unref();
  }

  #letNextIn(): void {
    const isFull = this.#unchoked.size >= this.#slots.count + newcomerSlots;
    if (isFull && this.#waiting.size > 0) return;
    for (const [peer, rates] of this.#inTurn()) {
      if (this.#hasRoomFor(peer)) this.#letIn(peer, rates);
    }
    if (this.#waiting.size === 0) this.#stopLooking();
  }

  /** Those who wait: whose address has its share comes last; newcomers first, then the longest waiting. */
  *#inTurn(): Generator<readonly [ChokedPeer, PeerRates]> {
    const left = new Set(this.#waiting);
    for (const mayCrowd of [false, true]) {
      for (const isNewcomer of [true, false]) {
        for (const each of left) {
          if (each[0].isNewcomer !== isNewcomer || (!mayCrowd && this.#hasShare(each[0]))) continue;
          left.delete(each);
          yield each;
        }
      }
    }
  }

  /** So many slots an address may have while others wait. */
  get #share(): number {
    return Math.ceil(this.#slots.count / servingLimits.slotsPerAddressShare);
  }

  #countOf(address: string | undefined): number {
    return address === undefined ? 0 : (this.#slotsOf.get(address) ?? 0);
  }

  #hasShare({ address }: ChokedPeer): boolean {
    return this.#countOf(address) >= this.#share;
  }

  #hasMore({ address }: ChokedPeer): boolean {
    return this.#countOf(address) > this.#share;
  }

  /** The longest unchoked of an address that has more than its share, if that of `peer` has less. */
  #crowding(peer: ChokedPeer): ChokedPeer | undefined {
    if (this.#hasShare(peer)) return undefined;
    for (const each of this.#unchoked.keys()) if (this.#hasMore(each)) return each;
    return undefined;
  }

  /** Whoever waits and gives more takes the slot of one who gives less; then the others take turns. */
  #rotate(nowMs: number): void {
    if (this.#waiting.size === 0) return;
    const reciprocating = this.#reciprocating();
    const leaving = partition(
      [...this.#unchoked]
        .filter(
          ([peer, { sinceMs }]) => !reciprocating.has(peer) && nowMs - sinceMs >= leastUnchokedMs,
        )
        .map(([peer, { sinceMs }]) => ({ peer, unchokedMs: nowMs - sinceMs })),
      ({ peer }) => this.#hasMore(peer),
    ).flat();
    const [mutual, others] = partition([...this.#inTurn()], ([peer]) => reciprocating.has(peer));
    const due = this.#due(nowMs, reciprocating);
    const overdue = this.#overdue(nowMs, reciprocating);
    for (const { peer } of leaving.splice(0, this.#excess)) this.#putOut(peer);
    for (const [peer, rates] of [...due, ...overdue, ...mutual]) {
      this.#exchange(leaving.shift()?.peer, peer, rates);
    }
    for (const [peer, rates] of others) {
      if (this.#unchoked.has(peer)) continue;
      const nth = leaving.findIndex(
        (next) =>
          (peer.isNewcomer || next.unchokedMs >= turnMs) &&
          (!this.#hasShare(peer) || next.peer.address === peer.address),
      );
      const [next] = nth < 0 ? [] : leaving.splice(nth, 1);
      if (next === undefined) continue;
      this.#exchange(next.peer, peer, rates);
      if (!peer.isNewcomer) this.#turnedAtMs = nowMs;
    }
    if (due.some(([peer]) => this.#unchoked.has(peer))) this.#turnedAtMs = nowMs;
    if (overdue.some(([peer]) => this.#unchoked.has(peer))) this.#overdueAtMs = nowMs;
  }

  /** Some come before all others, as no slot has gone round for a turn: those who give, or newcomers, got them all. */
  #due(nowMs: number, reciprocating: ReadonlySet<ChokedPeer>): readonly [ChokedPeer, PeerRates][] {
    if (nowMs - this.#turnedAtMs < turnMs) return [];
    const waiting = [...this.#waiting].filter(
      ([peer]) => !reciprocating.has(peer) && !this.#hasShare(peer),
    );
    return waiting.slice(0, Math.ceil(this.#slots.count / optimisticShare));
  }

  /**
   * One a turn comes all the same whose address has its share, when it has waited for two: others there may hold on to what
   * they have, as newcomers or because they give.
   */
  #overdue(nowMs: number, reciprocating: ReadonlySet<ChokedPeer>): [ChokedPeer, PeerRates][] {
    if (nowMs - this.#overdueAtMs < turnMs) return [];
    for (const [peer, rates] of this.#waiting) {
      const isOverdue = this.#hasShare(peer) && nowMs - rates.sinceMs >= 2 * turnMs;
      if (isOverdue && !reciprocating.has(peer)) return [[peer, rates]];
    }
    return [];
  }

  /** So many have slots that there are no longer: a trial was in vain, or they are newcomers no more. */
  get #excess(): number {
    let newcomers = 0;
    for (const peer of this.#unchoked.keys()) if (peer.isNewcomer) newcomers += 1;
    const most = this.#slots.count + Math.min(newcomers, newcomerSlots);
    return Math.max(0, this.#unchoked.size - most);
  }

  #exchange(from: ChokedPeer | undefined, to: ChokedPeer, rates: PeerRates): void {
    if (from === undefined) return;
    this.#putOut(from);
    this.#letIn(to, rates);
  }

  #putOut(peer: ChokedPeer): void {
    const rates = this.#unchoked.get(peer);
    this.#freeSlot(peer);
    peer.choke();
    if (rates !== undefined) this.#makeWait(peer, rates);
  }

  /** Those who give us most, as many as there are slots that do not go round. */
  #reciprocating(): ReadonlySet<ChokedPeer> {
    const giving = [...this.#unchoked, ...this.#waiting]
      .filter(([, { givenBytesPerSecond }]) => givenBytesPerSecond > 0)
      .sort(([, a], [, b]) => b.givenBytesPerSecond - a.givenBytesPerSecond);
    const { count } = this.#slots;
    const slots = count - Math.ceil(count / optimisticShare);
    return new Set(giving.slice(0, slots).map(([peer]) => peer));
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function ratesOf({ takenBytes, givenBytes }: ChokedPeer, nowMs: number): PeerRates {
  return { sinceMs: nowMs, takenAtMs: nowMs, takenBytes, givenBytes, givenBytesPerSecond: 0 };
}

/** Returns what it has taken since it was measured last. */
function measure(peer: ChokedPeer, rates: PeerRates, seconds: number, nowMs: number): number {
  const { takenBytes, givenBytes } = peer;
  const taken = takenBytes - rates.takenBytes;
  if (taken > 0) rates.takenAtMs = nowMs;
  // Two parts of what there was to one of what is new: some ten seconds count.
  const given = (givenBytes - rates.givenBytes) / seconds;
  rates.givenBytesPerSecond = (rates.givenBytesPerSecond * 2 + given) / 3;
  if (rates.givenBytesPerSecond < 1) rates.givenBytesPerSecond = 0;
  rates.takenBytes = takenBytes;
  rates.givenBytes = givenBytes;
  return taken;
}

function partition<T>(all: readonly T[], isFirst: (each: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []];
  for (const each of all) parts[isFirst(each) ? 0 : 1].push(each);
  return parts;
}
