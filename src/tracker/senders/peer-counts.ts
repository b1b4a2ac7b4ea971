// How many peers there are of one sender elsewhere, in all swarms together: in counters, not in what is remembered of each.
import { KeyedHash } from './keyed-hash.js';
import { thisMachine } from './sender-key.js';

const counters = 2 ** 16;
/** The number of this machine. */
export const ownSender = 0;

export class PeerCounts {
  readonly #hash = new KeyedHash();
  readonly #counts = new Uint32Array(counters);

  /** A number for it, which others hardly ever share. */
  senderOf(senderKey: string): number {
    return senderKey === thisMachine ? ownSender : this.#hash.ofText(senderKey) || 1;
  }

  /** No fewer than there are; more, where others share the counter. */
  of(sender: number): number {
    return this.#counts[sender & (counters - 1)] ?? 0;
  }

  add(sender: number): void {
    this.#change(sender, 1);
  }

  remove(sender: number): void {
    this.#change(sender, -1);
  }

  #change(sender: number, by: 1 | -1): void {
    if (sender !== ownSender) this.#counts[sender & (counters - 1)] = this.of(sender) + by;
  }
}
