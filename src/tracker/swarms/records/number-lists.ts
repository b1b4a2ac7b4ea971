// Lists of numbers in one block of memory, each with room for a power of two of them: a million lists of one number take
// four bytes each. A list is named by where it begins.

export class NumberLists {
  #numbers = new Int32Array(1_024);
  #end = 1;
  /** By the power of two: the first that is free, which names the next; 0: none. */
  readonly #free: number[] = Array.from({ length: 31 }, () => 0);

  get(list: number, index: number): number {
    return this.#numbers[list + index] ?? 0;
  }

  set(list: number, index: number, value: number): void {
    this.#numbers[list + index] = value;
  }

  /** A copy of the first `size` numbers of the list that is given back, where there is one. */
  move(list: number, capacity: number, to: number, size: number): number {
    const moved = to === 0 ? 0 : this.#take(to);
    this.#numbers.copyWithin(moved, list, list + size);
    if (capacity > 0) this.#give(list, capacity);
    return moved;
  }

  #take(capacity: number): number {
    const power = 31 - Math.clz32(capacity);
    const freed = this.#free[power] ?? 0;
    if (freed !== 0) {
      this.#free[power] = this.#numbers[freed] ?? 0;
      return freed;
    }
    const list = this.#end;
    this.#end += capacity;
    if (this.#end > this.#numbers.length) {
      const larger = new Int32Array(Math.ceil(this.#end * 1.5));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    return list;
  }

  #give(list: number, capacity: number): void {
    const power = 31 - Math.clz32(capacity);
    this.#numbers[list] = this.#free[power] ?? 0;
    this.#free[power] = list;
  }
}
