// Which torrents are in memory at a time, so that it is enough for them: a budget, and the order in which those that wait
// take of it. What it is counted in is for its owner to say. Pure.

/** Up to so much of the budget a torrent is a small one: it may overtake a large one that waits. */
const smallShare = 1 / 64;
/** So much of the budget is kept for small ones. */
const shareOfSmall = 1 / 4;

export interface MemoryShare {
  readonly id: number;
  /** In the unit of the budget. */
  readonly amount: number;
}

export class MemoryShares {
  readonly #budget: number;
  readonly #taken = new Map<number, number>();
  #takenBySmall = 0;
  #takenByLarge = 0;
  #isLargeWaiting = false;
  /** What was given back while a large one waits: others do not take it before that. */
  #savedForLarge = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Whether it is too large for ever. */
  isTooLarge(amount: number): boolean {
    return amount > this.#budget;
  }

  has(id: number): boolean {
    return this.#taken.has(id);
  }

  /** The one that has taken most, the latest among equals. */
  get heaviest(): number | undefined {
    let heaviest: number | undefined;
    let most = 0;
    for (const [id, amount] of this.#taken) {
      if (amount < most || amount === 0) continue;
      heaviest = id;
      most = amount;
    }
    return heaviest;
  }

  /** Of those that wait, in their order, the ones whose turn it is, `most` at most: they have taken their shares. */
  take<T extends MemoryShare>(waiting: Iterable<T>, most = Number.POSITIVE_INFINITY): T[] {
    const taking: T[] = [];
    let isSmallWaiting = false;
    this.#isLargeWaiting = false;
    for (const turn of waiting) {
      if (taking.length === most) break;
      const isSmall = this.#isSmall(turn.amount);
      const isBehind = turn.amount > 0 && (isSmall ? isSmallWaiting : this.#isLargeWaiting);
      if (!isBehind && this.#hasRoomFor(turn.amount)) {
        this.#add(turn);
        taking.push(turn);
      } else if (isSmall) isSmallWaiting = true;
      else this.#isLargeWaiting = true;
    }
    if (!this.#isLargeWaiting) this.#savedForLarge = 0;
    return taking;
  }

  giveBack(id: number): void {
    const amount = this.#taken.get(id) ?? 0;
    this.#taken.delete(id);
    if (this.#isSmall(amount)) this.#takenBySmall -= amount;
    else this.#takenByLarge -= amount;
    if (this.#isLargeWaiting) this.#savedForLarge += amount;
  }

  clear(): void {
    this.#taken.clear();
    this.#takenBySmall = 0;
    this.#takenByLarge = 0;
    this.#isLargeWaiting = false;
    this.#savedForLarge = 0;
  }

  #isSmall(amount: number): boolean {
    return amount <= this.#budget * smallShare;
  }

  #hasRoomFor(amount: number): boolean {
    if (this.#takenBySmall + this.#takenByLarge + amount > this.#budget) return false;
    const smallOnes = this.#budget * shareOfSmall;
    if (!this.#isSmall(amount)) {
      // One that needs even what is kept for small ones may be there if it is alone.
      return this.#takenByLarge === 0 || this.#takenByLarge + amount <= this.#budget - smallOnes;
    }
    if (!this.#isLargeWaiting || this.#takenBySmall + amount <= smallOnes) return true;
    const free = this.#budget - this.#takenBySmall - this.#takenByLarge - this.#savedForLarge;
    return amount <= free;
  }

  #add({ id, amount }: MemoryShare): void {
    this.#taken.set(id, amount);
    if (this.#isSmall(amount)) this.#takenBySmall += amount;
    else {
      this.#takenByLarge += amount;
      this.#savedForLarge = 0;
    }
  }
}
