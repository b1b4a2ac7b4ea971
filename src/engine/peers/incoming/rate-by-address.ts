// How often something may happen, for each address and for all together: what is not used for a while may be used at once
// later, up to a burst. Remembers a bounded number of addresses.
import { incomingLimits } from '../../../limits.js';

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

export class RateByAddress {
  readonly #perAddress: Rate;
  readonly #inAll: Rate;
  readonly #nowMs: () => number;
  readonly #all: Bucket;
  /** Whoever was heard of longest ago comes first. */
  readonly #byAddress = new Map<string, Bucket>();

  /** `nowMs`: a clock, for tests. */
  constructor(
    rates: { readonly perAddress: Rate; readonly inAll: Rate },
    nowMs: () => number = () => performance.now(),
  ) {
    this.#perAddress = rates.perAddress;
    this.#inAll = rates.inAll;
    this.#nowMs = nowMs;
    this.#all = { tokens: rates.inAll.burst, atMs: nowMs() };
  }

  /** Whether it may happen once more. `address`: undefined for one that only counts among all. */
  take(address: string | undefined): boolean {
    const own = address === undefined ? undefined : this.#bucketOf(address);
    if (own !== undefined && this.#refilled(own, this.#perAddress) < 1) return false;
    if (this.#refilled(this.#all, this.#inAll) < 1) return false;
    this.#all.tokens -= 1;
    if (own !== undefined) own.tokens -= 1;
    return true;
  }

  /** What happened once need not have counted. */
  giveBack(address: string | undefined): void {
    if (address !== undefined) this.#bucketOf(address).tokens += 1;
    this.#all.tokens += 1;
  }

  #bucketOf(address: string): Bucket {
    const bucket = this.#byAddress.get(address) ?? {
      tokens: this.#perAddress.burst,
      atMs: this.#nowMs(),
    };
    this.#byAddress.delete(address);
    this.#byAddress.set(address, bucket);
    for (const oldest of this.#byAddress.keys()) {
      if (this.#byAddress.size <= incomingLimits.ratedAddresses) break;
      this.#byAddress.delete(oldest);
    }
    return bucket;
  }

  #refilled(bucket: Bucket, { perSecond, burst }: Rate): number {
    const nowMs = this.#nowMs();
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * perSecond);
    bucket.atMs = nowMs;
    return bucket.tokens;
  }
}
