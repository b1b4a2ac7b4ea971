// Several rate limits that apply at once: a torrent's own, and the one for all together.
import { type RateLimit, type RateWaiter, unlimited } from './rate-limit.js';

/**
 * All of them must agree; the narrowest should come first. What the earlier ones gave is reserved for a waiter until the later ones
 * agree, and given back if it is forgotten or asks for another length: given back at once, it would have lost its turn with the
 * one by the time the other agrees, and a narrow limit beside a wide one let through as little as a quarter of its rate.
 * Closing it closes none of them, for others may share them.
 */
export function allOf(limits: readonly RateLimit[]): RateLimit {
  const limited = limits.filter((limit) => limit !== unlimited);
  const [first = unlimited, ...others] = limited;
  return others.reduce((all, limit) => new Both(all, limit), first);
}

/** Both must agree. What the first gave is reserved for a waiter until the second agrees too. */
class Both implements RateLimit {
  readonly #first: RateLimit;
  readonly #second: RateLimit;
  /** How many bytes the first gave to those who wait for the second. */
  readonly #reservedBytes = new Map<RateWaiter, number>();

  constructor(first: RateLimit, second: RateLimit) {
    this.#first = first;
    this.#second = second;
  }

  take(lengthBytes: number, waiter: RateWaiter): boolean {
    const isReserved = this.#reservedBytes.get(waiter) === lengthBytes;
    if (!isReserved) {
      this.#release(waiter);
      if (!this.#first.take(lengthBytes, waiter)) return false;
    }
    const isTaken = this.#second.take(lengthBytes, waiter);
    if (isTaken && isReserved) this.#reservedBytes.delete(waiter);
    if (!isTaken && !isReserved) this.#reservedBytes.set(waiter, lengthBytes);
    return isTaken;
  }

  giveBack(lengthBytes: number): void {
    this.#first.giveBack(lengthBytes);
    this.#second.giveBack(lengthBytes);
  }

  forget(waiter: RateWaiter): void {
    this.#first.forget(waiter);
    this.#second.forget(waiter);
    this.#release(waiter);
  }

  close(): void {
    for (const waiter of [...this.#reservedBytes.keys()]) this.forget(waiter);
  }

  #release(waiter: RateWaiter): void {
    const reservedBytes = this.#reservedBytes.get(waiter);
    if (reservedBytes === undefined) return;
    this.#reservedBytes.delete(waiter);
    this.#first.giveBack(reservedBytes);
  }
}
