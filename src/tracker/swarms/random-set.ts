// A set to draw from at random: each member knows its index, so that adding and taking out cost one swap, and drawing
// touches what is drawn and nothing else, however many there are.

export interface Indexed {
  /** Where it lies; the set's own affair. */
  index: number;
}

export class RandomSet<T extends Indexed> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.index = this.size;
    this.#members.push(member);
  }

  /** It must be in. */
  delete(member: T): void {
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    this.#members[member.index] = last;
    last.index = member.index;
  }

  /**
   * Gives one member a call, each once, until there are no more; the set must not change meanwhile. Any may be the first,
   * and any the next: steps of one random width, around and around.
   */
  shuffled(): () => T | undefined {
    const members = this.#members;
    const size = members.length;
    const step = size > 0 ? stepThrough(size) : 0;
    let next = Math.floor(Math.random() * size);
    let left = size;
    return () => {
      if (left === 0) return undefined;
      left -= 1;
      const member = members[next];
      next = (next + step) % size;
      return member;
    };
  }
}

/** At random one of the widths that come by all of them. */
function stepThrough(size: number): number {
  for (;;) {
    const step = 1 + Math.floor(Math.random() * size);
    if (commonDivisor(step, size) === 1) return step;
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
