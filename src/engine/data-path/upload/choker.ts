// Who may ask us for blocks, of all peers of all torrents of one engine. Those who give us what we lack come first, the
// others take turns, and a newcomer with nothing to give yet is let in at once. Knows no messages, pieces or torrents.
import { UploadSlots } from './upload-slots.js';

/** A peer as its choking sees it. */
export interface ChokedPeer {
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

const lookEveryMs = 1_000;
/** Nobody is choked sooner: it takes some time until a connection is quick (BEP 3 has the same). */
const leastHeldMs = 10_000;
/** Whoever gives us nothing makes way for another then (BEP 3). */
const turnMs = 30_000;
/** It was let in, and asks for nothing: it holds no slot for as long. */
const idleMs = 4_000;
/** One in five slots goes round, whoever gives what. */
const optimisticShare = 5;
/** For newcomers, beside the slots: until they have a piece they can give nothing. */
const newcomerSlots = 4;

/** What is remembered of a peer that is interested. */
interface Standing {
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
  readonly #holders = new Map<ChokedPeer, Standing>();
  /** Unchoked, and they want nothing now: they hold no slot until they ask again. */
  readonly #resting = new Set<ChokedPeer>();
  /** Interested, and choked; the longest waiting first. */
  readonly #waiting = new Map<ChokedPeer, Standing>();
  #timer: NodeJS.Timeout | undefined;
  #lookedAtMs = 0;
  /** When a slot last went round. */
  #turnedAtMs = 0;

  constructor({ upBytesPerSecond, nowMs = () => performance.now() }: ChokerOptions = {}) {
    this.#nowMs = nowMs;
    this.#slots = new UploadSlots(upBytesPerSecond);
  }

  /** How many peers hold a slot, how many wait for one, and how many slots there are. */
  get counts(): { readonly holders: number; readonly waiting: number; readonly slots: number } {
    const { count: slots } = this.#slots;
    return { holders: this.#holders.size, waiting: this.#waiting.size, slots };
  }

  /** It wants something of us: it says so, or asks. */
  wants(peer: ChokedPeer): void {
    if (this.#holders.has(peer) || this.#waiting.has(peer)) return;
    const health = standingOf(peer, this.#nowMs());
    if (this.#hasRoomFor(peer)) this.#letIn(peer, health);
    else this.#makeWait(peer, health);
  }

  /** It wants nothing any more. */
  wantsNothing(peer: ChokedPeer): void {
    if (this.#holders.delete(peer)) this.#resting.add(peer);
    this.#waiting.delete(peer);
    this.#letNextIn();
  }

  /** The connection is over. */
  gone(peer: ChokedPeer): void {
    this.#holders.delete(peer);
    this.#resting.delete(peer);
    this.#waiting.delete(peer);
    this.#letNextIn();
  }

  /** Every second while somebody waits. Public for tests. */
  look(): void {
    const nowMs = this.#nowMs();
    const seconds = Math.max(0.001, (nowMs - this.#lookedAtMs) / 1000);
    this.#lookedAtMs = nowMs;
    let takenBytes = 0;
    for (const [peer, health] of [...this.#holders]) {
      takenBytes += measure(peer, health, seconds, nowMs);
      const isIdle = !peer.isAsking && nowMs - health.takenAtMs >= idleMs;
      if (isIdle) this.wantsNothing(peer);
    }
    for (const [peer, health] of this.#waiting) measure(peer, health, seconds, nowMs);
    this.#slots.measure(takenBytes / seconds, nowMs);
    this.#letNextIn();
    this.#rotate(nowMs);
  }

  close(): void {
    this.#stopLooking();
    this.#holders.clear();
    this.#resting.clear();
    this.#waiting.clear();
  }

  #hasRoomFor(peer: ChokedPeer): boolean {
    const extra = peer.isNewcomer ? newcomerSlots : 0;
    return this.#holders.size < this.#slots.count + extra;
  }

  #letIn(peer: ChokedPeer, health: Standing): void {
    health.sinceMs = this.#nowMs();
    health.takenAtMs = health.sinceMs;
    this.#waiting.delete(peer);
    this.#resting.delete(peer);
    this.#holders.set(peer, health);
    peer.unchoke();
  }

  #makeWait(peer: ChokedPeer, health: Standing): void {
    if (this.#resting.delete(peer)) peer.choke();
    health.sinceMs = this.#nowMs();
    this.#waiting.set(peer, health);
    if (this.#timer === undefined) this.#startLooking(health.sinceMs);
  }

  /** What went out while nobody looked is no rate of now. */
  #startLooking(nowMs: number): void {
    const seconds = Math.max(0.001, (nowMs - this.#lookedAtMs) / 1000);
    for (const [peer, health] of this.#holders) measure(peer, health, seconds, nowMs);
    this.#lookedAtMs = nowMs;
    this.#turnedAtMs = nowMs;
    this.#timer = setInterval(() => this.look(), lookEveryMs).unref();
  }

  #letNextIn(): void {
    const isFull = this.#holders.size >= this.#slots.count + newcomerSlots;
    if (isFull && this.#waiting.size > 0) return;
    for (const [peer, health] of this.#inTurn()) {
      if (this.#hasRoomFor(peer)) this.#letIn(peer, health);
      else if (!peer.isNewcomer) break;
    }
    if (this.#waiting.size === 0) this.#stopLooking();
  }

  /** Those who wait: newcomers first, then the longest waiting. */
  *#inTurn(): Generator<readonly [ChokedPeer, Standing]> {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    for (const each of waiting) if (each[0].isNewcomer) yield each;
    for (const each of waiting) if (!each[0].isNewcomer) yield each;
  }

  /** Whoever waits and gives more takes the slot of one who gives less; then the others take turns. */
  #rotate(nowMs: number): void {
    if (this.#waiting.size === 0) return;
    const earners = this.#earners();
    const leaving = [...this.#holders]
      .filter(([peer, { sinceMs }]) => !earners.has(peer) && nowMs - sinceMs >= leastHeldMs)
      .map(([peer, { sinceMs }]) => ({ peer, heldMs: nowMs - sinceMs }));
    const [earning, others] = partition([...this.#inTurn()], ([peer]) => earners.has(peer));
    const due = this.#due(nowMs, earners);
    for (const { peer } of leaving.splice(0, this.#excess)) this.#putOut(peer);
    for (const [peer, health] of [...due, ...earning]) {
      this.#exchange(leaving.shift()?.peer, peer, health);
    }
    for (const [peer, health] of others) {
      const next = leaving[0];
      if (next === undefined || (!peer.isNewcomer && next.heldMs < turnMs)) continue;
      if (this.#holders.has(peer)) continue;
      leaving.shift();
      this.#exchange(next.peer, peer, health);
      if (!peer.isNewcomer) this.#turnedAtMs = nowMs;
    }
    if (due.some(([peer]) => this.#holders.has(peer))) this.#turnedAtMs = nowMs;
  }

  /** Some come before all others, as no slot has gone round for a turn: those who give, or newcomers, got them all. */
  #due(nowMs: number, earners: ReadonlySet<ChokedPeer>): readonly [ChokedPeer, Standing][] {
    if (nowMs - this.#turnedAtMs < turnMs) return [];
    const waiting = [...this.#waiting].filter(([peer]) => !earners.has(peer));
    return waiting.slice(0, Math.ceil(this.#slots.count / optimisticShare));
  }

  /** So many hold slots that there are no longer: a trial was in vain, or they are newcomers no more. */
  get #excess(): number {
    let newcomers = 0;
    for (const peer of this.#holders.keys()) if (peer.isNewcomer) newcomers += 1;
    const most = this.#slots.count + Math.min(newcomers, newcomerSlots);
    return Math.max(0, this.#holders.size - most);
  }

  #exchange(from: ChokedPeer | undefined, to: ChokedPeer, health: Standing): void {
    if (from === undefined) return;
    this.#putOut(from);
    this.#letIn(to, health);
  }

  #putOut(peer: ChokedPeer): void {
    const health = this.#holders.get(peer);
    this.#holders.delete(peer);
    peer.choke();
    if (health !== undefined) this.#makeWait(peer, health);
  }

  /** Those who give us most, as many as there are slots that do not go round. */
  #earners(): ReadonlySet<ChokedPeer> {
    const giving = [...this.#holders, ...this.#waiting]
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

function standingOf({ takenBytes, givenBytes }: ChokedPeer, nowMs: number): Standing {
  return { sinceMs: nowMs, takenAtMs: nowMs, takenBytes, givenBytes, givenBytesPerSecond: 0 };
}

/** Returns what it has taken since it was measured last. */
function measure(peer: ChokedPeer, health: Standing, seconds: number, nowMs: number): number {
  const { takenBytes, givenBytes } = peer;
  const taken = takenBytes - health.takenBytes;
  if (taken > 0) health.takenAtMs = nowMs;
  // Two parts of what there was to one of what is new: some ten seconds count.
  const given = (givenBytes - health.givenBytes) / seconds;
  health.givenBytesPerSecond = (health.givenBytesPerSecond * 2 + given) / 3;
  if (health.givenBytesPerSecond < 1) health.givenBytesPerSecond = 0;
  health.takenBytes = takenBytes;
  health.givenBytes = givenBytes;
  return taken;
}

function partition<T>(all: readonly T[], isFirst: (each: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []];
  for (const each of all) parts[isFirst(each) ? 0 : 1].push(each);
  return parts;
}
