// Records in the order in which what they tell of began, though they come in the order in which it ended: what an event causes ends
// before it does, nested as deep as it goes.
import type { ActorRecord, TransitionRecord } from '../told/records.js';

/** A record whose place among the others is not known yet. */
export type UnnumberedRecord = Omit<ActorRecord, 'seq'> | Omit<TransitionRecord, 'seq'>;

/** So many wait for what caused them; a turn that causes more is told in pieces. */
const mostWaiting = 5_000;

export class CausalOrder {
  readonly #tell: (record: UnnumberedRecord) => void;
  #waiting: {
    readonly began: number;
    readonly nth: number;
    readonly record: UnnumberedRecord;
  }[] = [];
  #begun = 0;

  constructor(tell: (record: UnnumberedRecord) => void) {
    this.#tell = tell;
  }

  /** Something begins now. */
  begin(): number {
    this.#begun += 1;
    return this.#begun;
  }

  /** Of those that began as one, what ended later is the cause. */
  add(began: number, record: UnnumberedRecord): void {
    this.#waiting.push({ began, nth: this.#waiting.length, record });
    if (this.#waiting.length >= mostWaiting) this.tell();
  }

  /** Nothing that has begun is yet to end. */
  tell(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 1) {
      waiting.sort((one, other) => one.began - other.began || other.nth - one.nth);
    }
    for (const { record } of waiting) this.#tell(record);
  }
}
