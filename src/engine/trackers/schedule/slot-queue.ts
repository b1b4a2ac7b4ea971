// Those that wait for a tracker, first come, first served. Who waits no longer is marked as over, and is passed over when its
// turn comes: to take it out of the middle would cost thousands that leave together a look at all the others each.

/** Looked through for those who are over when so many have been. */
const sweptAt = 1024;

export class SlotQueue<T extends { readonly isOver: boolean }> {
  #waiting: T[] = [];
  #first = 0;

  /** How many wait. */
  get size(): number {
    this.#sweep();
    return this.#waiting.length;
  }

  add(one: T): void {
    if (this.#first >= sweptAt) this.#sweep();
    this.#waiting.push(one);
  }

  /** The next that waits. */
  take(): T | undefined {
    while (this.#first < this.#waiting.length) {
      const next = this.#waiting[this.#first];
      this.#first += 1;
      if (next !== undefined && !next.isOver) return next;
    }
    this.#waiting = [];
    this.#first = 0;
    return undefined;
  }

  #sweep(): void {
    this.#waiting = this.#waiting.slice(this.#first).filter(({ isOver }) => !isOver);
    this.#first = 0;
  }
}
