// What is left of the work budget to one address, and what it comes from: pools for all of them together, since whoever
// has many addresses (a /48 of IPv6 is 65,536 of what counts as one) is no more to us for that. Pure.
import { workLimits } from '../../../limits.js';

/** Whoever draws gets this part at most of what is there: as it shrinks, so does what each gets, but never to nothing. */
const largestPart = 1 / 16;

class WorkPool {
  #units: number = workLimits.allSavedUnits / 2;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Gives as much of `wanted` as one may have now. */
  draw(wanted: number, nowMs: number): number {
    const earned = ((nowMs - this.#atMs) / 1_000) * (workLimits.allUnitsPerSecond / 2);
    this.#atMs = nowMs;
    this.#units = Math.min(workLimits.allSavedUnits / 2, this.#units + earned);
    const drawn = Math.min(wanted, this.#units * largestPart);
    this.#units -= drawn;
    return drawn;
  }
}

/** One for those who come, another for those who are there: neither leaves the other nothing. */
export class WorkPools {
  readonly forNewcomers: WorkPool;
  readonly forOthers: WorkPool;

  constructor(nowMs: number) {
    this.forNewcomers = new WorkPool(nowMs);
    this.forOthers = new WorkPool(nowMs);
  }
}

export class WorkAccount {
  readonly #pool: WorkPool | undefined;
  #units: number;
  #atMs: number;

  /** Without pools it has all that an account may have. */
  constructor(nowMs: number, pools?: WorkPools) {
    this.#pool = pools?.forOthers;
    this.#atMs = nowMs;
    const { savedUnits } = workLimits;
    this.#units = pools?.forNewcomers.draw(savedUnits, nowMs) ?? savedUnits;
  }

  /** Says what is left then; below 0: it was too much. */
  spend(units: number, nowMs: number): number {
    const { savedUnits, unitsPerSecond } = workLimits;
    const earned = ((nowMs - this.#atMs) / 1_000) * unitsPerSecond;
    const wanted = Math.min(earned, savedUnits - this.#units);
    this.#atMs = nowMs;
    this.#units += this.#pool?.draw(wanted, nowMs) ?? wanted;
    this.#units = Math.min(savedUnits, this.#units - units);
    return this.#units;
  }
}
