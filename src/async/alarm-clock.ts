// One timer for many that wait, each for a moment of its own: who waits costs a place in a heap, and no timer. Of those whose
// moment has come a few are called a turn, so that a thousand together hold nobody up.

/** Calls `ring` once, at the moment it is set to; may be set again and again. */
export class Alarm {
  readonly ring: () => void;
  /** When it rings, as performance.now() has it. */
  atMs = 0;
  /** In the heap; -1: it is not set. */
  index = -1;

  constructor(ring: () => void) {
    this.ring = ring;
  }
}

const alarmsPerTurn = 64;

export class AlarmClock {
  /** The parent of the one at i is at (i - 1) >> 1, and rings no later. */
  readonly #heap: Alarm[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  /** While some are called: those up to here are due. */
  #ringingUntilMs = Number.NEGATIVE_INFINITY;

  /** How many are set. */
  get size(): number {
    return this.#heap.length;
  }

  /** Whatever it was set to before. */
  set(alarm: Alarm, atMs: number): void {
    this.#remove(alarm);
    // One that is set to a moment that has come waits for the next turn, lest it be called without end.
    alarm.atMs = Math.max(atMs, this.#ringingUntilMs + 0.001);
    this.#put(alarm, this.#heap.length);
    this.#rise(alarm);
    if (alarm.atMs < this.#timerAtMs) this.#wind();
  }

  clear(alarm: Alarm): void {
    this.#remove(alarm);
    if (this.#heap.length === 0) this.#wind();
  }

  #wind(): void {
    clearTimeout(this.#timer);
    const [first] = this.#heap;
    this.#timerAtMs = first?.atMs ?? Number.POSITIVE_INFINITY;
    if (first === undefined) return;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, first.atMs - performance.now()));
    this.#timer.unref();
  }

  #ring(): void {
    // A timer of Node's may come up to a millisecond early.
    this.#ringingUntilMs = performance.now() + 1;
    for (let rung = 0; rung < alarmsPerTurn; rung += 1) {
      const [first] = this.#heap;
      if (first === undefined || first.atMs > this.#ringingUntilMs) break;
      this.#remove(first);
      first.ring();
    }
    this.#ringingUntilMs = Number.NEGATIVE_INFINITY;
    this.#wind();
  }

  #remove(alarm: Alarm): void {
    const { index } = alarm;
    if (index < 0) return;
    alarm.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === alarm) return;
    this.#put(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  #put(alarm: Alarm, index: number): void {
    this.#heap[index] = alarm;
    alarm.index = index;
  }

  #rise(alarm: Alarm): void {
    while (alarm.index > 0) {
      const parentIndex = (alarm.index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || parent.atMs <= alarm.atMs) return;
      this.#put(parent, alarm.index);
      this.#put(alarm, parentIndex);
    }
  }

  #sink(alarm: Alarm): void {
    for (;;) {
      const left = this.#heap[2 * alarm.index + 1];
      const right = this.#heap[2 * alarm.index + 2];
      const first =
        right !== undefined && left !== undefined && right.atMs < left.atMs ? right : left;
      if (first === undefined || first.atMs >= alarm.atMs) return;
      const { index } = first;
      this.#put(first, alarm.index);
      this.#put(alarm, index);
    }
  }
}
