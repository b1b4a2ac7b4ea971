// How many peers there are in all swarms together, and of one sender. The latter in counters that several may share,
// so that nothing is remembered a peer: among so many counters, and with a seed that nobody else knows, nobody finds
// out with whom.
import { randomInt } from 'node:crypto';

const counters = 2 ** 16;
const fnvPrime = 0x01000193;

export class PeerCounts {
  readonly #seed = randomInt(2 ** 32);
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
    this.#counts[this.#counterOf(senderKey)] = this.of(senderKey) + by;
    this.#total += by;
  }

  /** FNV-1a, and its high bits once more. */
  #counterOf(senderKey: string): number {
    let hash = this.#seed;
    for (let index = 0; index < senderKey.length; index++) {
      hash = Math.imul(hash ^ senderKey.charCodeAt(index), fnvPrime);
    }
    return (hash ^ (hash >>> 16)) & (counters - 1);
  }
}
