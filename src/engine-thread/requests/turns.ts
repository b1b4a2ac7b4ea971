// When each request goes to the engine: at once, when there is memory for its torrent, and after a death by memory one by
// one, the lightest first. So the others live, and the one with which it dies again is known. Tells nobody of an answer.
import { type MemoryShare, MemoryShares } from '../../memory/memory-shares.js';

/** One that has joined, but is neither checked nor announced, lives so long before the next one joins. */
const settleMs = 250;
/** One that does not even join, as on a disk that hangs, holds up the others no longer. */
const joinDeadlineMs = 10_000;
/** So many are asked for in one turn of the event loop: each is copied to the other thread. */
export const mostAskedATurn = 100;
/** An engine that has had all torrents for so long was not brought down by one of them as soon as it could. */
const calmMs = 60_000;

/** Counted in pieces; none: a request that takes no memory worth counting, and never waits. */
export interface Turn extends MemoryShare {
  readonly infoHash: string;
  /** Its turn has come. */
  post(): void;
  /** It waits for memory; called at most once. */
  wait(): void;
}

export class Turns {
  readonly #shares: MemoryShares;
  /** In the order of their turns. */
  #waiting = new Map<number, Turn>();
  readonly #posted = new Map<number, Turn>();
  /** Those that the engine had which ended last. */
  #interrupted: ReadonlySet<number> = new Set();
  readonly #told = new WeakSet<Turn>();
  #isOpen = false;
  #isOneByOne = false;
  /** The others have their turn in the next turn of the event loop. */
  #goesOn = false;
  /** The one that joins alone. */
  #joining: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #suspect: string | undefined;
  /** Since when all have had their turns. */
  #calmSinceMs: number | undefined;
  #wasCalm = false;

  constructor(budgetPieces: number) {
    this.#shares = new MemoryShares(budgetPieces);
  }

  /** Of the engine that ended last: the torrent that was being joined alone, else the heaviest. */
  get suspect(): string | undefined {
    return this.#suspect;
  }

  /** Whether the engine that ended last had lived for a while after all had joined. */
  get wasCalm(): boolean {
    return this.#wasCalm;
  }

  isTooLarge(pieces: number): boolean {
    return this.#shares.isTooLarge(pieces);
  }

  wasInterrupted(id: number): boolean {
    return this.#interrupted.has(id);
  }

  isWaiting(id: number): boolean {
    return this.#waiting.has(id);
  }

  add(turn: Turn): void {
    this.#waiting.set(turn.id, turn);
    this.#callNext();
  }

  /** It does not wait any more, and is not asked for again. Its memory is in use until it is given back. */
  remove(id: number): void {
    this.#posted.delete(id);
    if (this.#waiting.delete(id)) this.#callNext();
    this.settled(id);
  }

  giveBack(id: number): void {
    if (!this.#shares.has(id)) return;
    this.#shares.giveBack(id);
    this.#callNext();
  }

  /** It has joined. */
  joined(id: number): void {
    if (this.#joining === id) this.#settleIn(settleMs);
  }

  /** It has been checked or announced, or is over. */
  settled(id: number): void {
    if (this.#joining !== id) return;
    clearTimeout(this.#timer);
    this.#joining = undefined;
    this.#callNext();
  }

  /** From the next opening on, until all have had their turns. */
  beOneByOne(): void {
    this.#isOneByOne = true;
  }

  /** An engine is there. */
  open(): void {
    this.#isOpen = true;
    if (this.#isOneByOne) this.#waiting = lightestFirst(this.#waiting);
    else this.#calmSinceMs = performance.now();
    this.#callNext();
  }

  /** It is no more: all wait again, and those that were in it come first. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const suspect = this.#joining ?? this.#shares.heaviest;
    this.#suspect = suspect === undefined ? undefined : this.#posted.get(suspect)?.infoHash;
    this.#wasCalm = performance.now() - (this.#calmSinceMs ?? Number.POSITIVE_INFINITY) > calmMs;
    this.#calmSinceMs = undefined;
    clearTimeout(this.#timer);
    this.#joining = undefined;
    this.#waiting = new Map([...this.#posted, ...this.#waiting]);
    this.#interrupted = new Set(this.#posted.keys());
    this.#posted.clear();
    this.#shares.clear();
  }

  /** Nobody has a turn any more. */
  stop(): void {
    this.close();
    this.#waiting.clear();
  }

  #callNext(): void {
    if (!this.#isOpen || this.#goesOn) return;
    if (this.#isOneByOne) {
      this.#callNextAlone();
      return;
    }
    const called = this.#shares.take(this.#waiting.values(), mostAskedATurn);
    this.#call(called);
    if (called.length === mostAskedATurn) this.#goOnLater();
    else this.#tellThoseWhoWait();
  }

  #goOnLater(): void {
    this.#goesOn = true;
    setImmediate(() => {
      this.#goesOn = false;
      this.#callNext();
    });
  }

  #tellThoseWhoWait(): void {
    for (const turn of [...this.#waiting.values()]) {
      if (this.#told.has(turn) || !this.#waiting.has(turn.id)) continue;
      this.#told.add(turn);
      turn.wait();
    }
  }

  #callNextAlone(): void {
    this.#call([...this.#waiting.values()].filter(({ amount }) => amount === 0));
    if (this.#joining !== undefined) return;
    const [next] = this.#shares.take(this.#waiting.values(), 1);
    if (next === undefined) {
      this.#isOneByOne = false;
      this.#calmSinceMs = performance.now();
      return;
    }
    this.#joining = next.id;
    this.#settleIn(joinDeadlineMs);
    this.#call([next]);
  }

  #call(turns: readonly Turn[]): void {
    for (const turn of turns) {
      this.#waiting.delete(turn.id);
      this.#posted.set(turn.id, turn);
    }
    for (const turn of turns) turn.post();
  }

  #settleIn(delayMs: number): void {
    clearTimeout(this.#timer);
    const id = this.#joining;
    this.#timer = setTimeout(() => id !== undefined && this.settled(id), delayMs).unref();
  }
}

function lightestFirst(turns: ReadonlyMap<number, Turn>): Map<number, Turn> {
  return new Map([...turns].sort(([, one], [, other]) => one.amount - other.amount));
}
