// So many bytes a second, for all together or for one torrent: a token bucket, and the queue of those who wait for allowance. It
// only says when; it knows neither peers nor blocks, and reads and sends nothing.

const blockBytes = 16 * 1024;
const burstMs = 250;
/** What comes due within this is handed out together. */
const leastTimerMs = 5;
/** Node's longest. */
const mostTimerMs = 2 ** 31 - 1;

/** Somebody who was refused, and wants to hear when there is allowance again. */
export interface RateWaiter {
  /** It is its turn: one block's worth may be taken, at once. */
  resume(): void;
}

/** Bytes of blocks, either way. */
export interface RateLimit {
  /**
   * True: taken. False: `waiter.resume()` will be called once when it is its turn, in the order they came; who wants more than it
   * may take in its turn, 16 KiB or one larger block, is refused and comes behind the others. Asking again while waiting changes
   * nothing in that order.
   */
  take(lengthBytes: number, waiter: RateWaiter): boolean;
  /** What was taken and will not come or go after all. */
  giveBack(lengthBytes: number): void;
  /** Is no longer interested. */
  forget(waiter: RateWaiter): void;
  /** No timer runs afterwards, nobody is resumed any more, and nothing is allowed. */
  close(): void;
}

export interface Clock {
  nowMs(): number;
  /** Returns how to cancel it. */
  setTimer(ms: number, onTime: () => void): () => void;
}

const realClock: Clock = {
  nowMs: () => performance.now(),
  setTimer(ms, onTime) {
    const timer = setTimeout(onTime, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Allows everything. */
export const unlimited: RateLimit = {
  take: () => true,
  giveBack() {},
  forget() {},
  close() {},
};

/**
 * At most 16 KiB ahead of rate × time at first, later up to a quarter of a second. A larger block may be taken on credit.
 * `bytesPerSecond` is above 0; undefined allows everything.
 */
export function createRateLimit(
  bytesPerSecond: number | undefined,
  clock: Clock = realClock,
): RateLimit {
  return bytesPerSecond === undefined ? unlimited : new TokenBucket(bytesPerSecond, clock);
}

class TokenBucket implements RateLimit {
  readonly #bytesPerMs: number;
  readonly #burstBytes: number;
  readonly #clock: Clock;
  readonly #onTimer = () => this.#resumeWaiting();
  #allowanceBytes = blockBytes;
  #filledAtMs: number;
  /** In the order they came, with how many bytes they want. */
  readonly #waiting = new Map<RateWaiter, number>();
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = 0;
  #turnOf: RateWaiter | undefined;
  #turnBytes = 0;
  #isClosed = false;

  constructor(bytesPerSecond: number, clock: Clock) {
    if (!(bytesPerSecond > 0 && Number.isFinite(bytesPerSecond))) {
      throw new RangeError(`${bytesPerSecond} bytes a second`);
    }
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#burstBytes = Math.max(blockBytes, this.#bytesPerMs * burstMs);
    this.#clock = clock;
    this.#filledAtMs = clock.nowMs();
  }

  take(lengthBytes: number, waiter: RateWaiter): boolean {
    const isTurn = waiter === this.#turnOf;
    if (isTurn ? this.#isWithinTurn(lengthBytes) : this.#waiting.size === 0) {
      this.#fill();
      if (this.#allowanceBytes >= this.#needBytes(lengthBytes)) {
        this.#allowanceBytes -= lengthBytes;
        if (isTurn) this.#turnBytes += lengthBytes;
        return true;
      }
    }
    if (this.#isClosed) return false;
    this.#waiting.set(waiter, lengthBytes);
    if (this.#cancelTimer === undefined) this.#setTimer();
    return false;
  }

  giveBack(lengthBytes: number): void {
    this.#fill();
    this.#allowanceBytes = Math.min(this.#burstBytes, this.#allowanceBytes + lengthBytes);
    if (this.#cancelTimer === undefined) return;
    if (this.#timerAtMs > this.#clock.nowMs() + leastTimerMs) this.#setTimer();
  }

  forget(waiter: RateWaiter): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size === 0) this.#stopTimer();
  }

  close(): void {
    this.#isClosed = true;
    this.#allowanceBytes = Number.NEGATIVE_INFINITY;
    this.#waiting.clear();
    this.#stopTimer();
  }

  /** Those who want much get it in parts, one after the other. */
  #isWithinTurn(lengthBytes: number): boolean {
    return this.#turnBytes === 0 || this.#turnBytes + lengthBytes <= blockBytes;
  }

  #needBytes(lengthBytes: number): number {
    return Math.min(lengthBytes, this.#burstBytes);
  }

  #fill(): void {
    // Else handing out would never end where it takes as long as what it hands out.
    if (this.#turnOf !== undefined) return;
    const nowMs = this.#clock.nowMs();
    this.#allowanceBytes += (nowMs - this.#filledAtMs) * this.#bytesPerMs;
    if (this.#allowanceBytes > this.#burstBytes) this.#allowanceBytes = this.#burstBytes;
    this.#filledAtMs = nowMs;
  }

  /** For when the first one's ask can be met. Not while those who wait have their turns: they are not done yet. */
  #setTimer(): void {
    this.#stopTimer();
    if (this.#turnOf !== undefined) return;
    for (const lengthBytes of this.#waiting.values()) {
      const lackingBytes = this.#needBytes(lengthBytes) - this.#allowanceBytes;
      // Node's timers may come a millisecond early.
      const ms = Math.ceil(lackingBytes / this.#bytesPerMs) + 1;
      const timerMs = Math.min(mostTimerMs, Math.max(leastTimerMs, ms));
      this.#timerAtMs = this.#clock.nowMs() + timerMs;
      this.#cancelTimer = this.#clock.setTimer(timerMs, this.#onTimer);
      return;
    }
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #resumeWaiting(): void {
    this.#cancelTimer = undefined;
    this.#fill();
    let inVain = 0;
    // Who waits again meanwhile comes behind the last.
    for (const [waiter, lengthBytes] of this.#waiting) {
      if (this.#allowanceBytes < this.#needBytes(lengthBytes)) break;
      // All who are left ask in vain, or give back at once what they take.
      if (inVain > this.#waiting.size) break;
      const beforeBytes = this.#allowanceBytes;
      this.#waiting.delete(waiter);
      this.#turnOf = waiter;
      this.#turnBytes = 0;
      resumeApart(waiter);
      if (this.#allowanceBytes < beforeBytes) inVain = 0;
      else if (this.#waiting.has(waiter)) inVain += 1;
    }
    this.#turnOf = undefined;
    this.#setTimer();
  }
}

/** What it throws is a bug, and is seen as one, but the others get their turn. */
function resumeApart(waiter: RateWaiter): void {
  try {
    waiter.resume();
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
