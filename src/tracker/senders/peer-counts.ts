// How many peers there are in all swarms together, and of one sender elsewhere: in counters, not in what is remembered of
// each.
import { senderCounters, thisMachine } from './sender-key.js';

const counters = 2 ** 16;

export class PeerCounts {
  readonly #counterOf = senderCounters(counters);
  readonly #counts = new Uint32Array(counters);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** No fewer than there are; more, where others share the counter. */
  of(senderKey: string): number {
    return this.#counts[this.#counterOf(senderKey)] ?? 0;
  }

  add(senderKey: string): void {
    this.#change(senderKey, 1);
  }

  remove(senderKey: string): void {
    this.#change(senderKey, -1);
  }

  #change(senderKey: string, by: 1 | -1): void {
    this.#total += by;
    if (senderKey === thisMachine) return;
    this.#counts[this.#counterOf(senderKey)] = this.of(senderKey) + by;
  }
}
