// Makes one record of many that are alike: pieces and percents come by the thousand, and would push everything else out of the log. The
// first few are told at once; those that follow within the second are one. The records of an actor stay in order.
import type { PlainFields, StateTree, TransitionRecord } from '../told/records.js';
import type { UnnumberedRecord } from './causal-order.js';

type Transition = Omit<TransitionRecord, 'seq'>;

/** Of one sender and type, taken in the same way. */
interface Kind {
  /** So many more are told at once. */
  atOnce: number;
  /** One came in this second. */
  goesOn: boolean;
}

/** An actor, for as long as it is in these states. */
interface Stay {
  readonly value: StateTree | undefined;
  readonly kinds: Map<string, Kind>;
  /** By their kinds; the one that came last is the last. */
  readonly waiting: Map<string, Transition>;
}

const togetherMs = 1_000;
/** A few events, as a user's next instruction, stay before what they cause; of what goes on and on, one a second. */
const mostAtOnce = 20;
/** Of all actors together; what is more is told one by one. */
const mostKinds = 10_000;
/** Of what was changed, where it is not always the same. */
const mostChangedCharacters = 4_000;

export class Repeats {
  readonly #tell: (record: UnnumberedRecord) => void;
  readonly #stays = new Map<number, Stay>();
  #kinds = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (record: UnnumberedRecord) => void) {
    this.#tell = tell;
  }

  add(record: UnnumberedRecord): void {
    const { actor } = record;
    const stay = this.#stays.get(actor);
    if (record.type === 'transition' && stay && this.#mustWait(stay, record)) return;
    if (stay) this.#tellWaiting(stay);
    this.#tell(record);
    if (record.type === 'transition' && record.status === 'active') this.#count(stay, record);
    else if (stay) this.#forget(actor, stay);
  }

  /** True: it is told later. */
  #mustWait(stay: Stay, record: Transition): boolean {
    const name = nameOf(record);
    const kind = stay.kinds.get(name);
    if (record.status !== 'active' || kind === undefined || kind.atOnce > 0) return false;
    if (!isSame(stay.value, record.value)) return false;
    kind.goesOn = true;
    const waiting = stay.waiting.get(name);
    stay.waiting.delete(name);
    if (Object.keys(record.changed).length > 0) {
      for (const [other, each] of stay.waiting)
        stay.waiting.set(other, without(each, record.changed));
    }
    const changed = waiting && together(waiting.changed, record.changed);
    if (waiting && changed === undefined) this.#tell(waiting);
    stay.waiting.set(
      name,
      changed ? { ...record, changed, times: (waiting.times ?? 1) + 1 } : record,
    );
    return true;
  }

  #count(stay: Stay | undefined, record: Transition): void {
    const { actor, value } = record;
    const stayed = stay && isSame(stay.value, value) ? stay : undefined;
    if (stay && !stayed) this.#forget(actor, stay);
    const kinds = stayed?.kinds ?? new Map<string, Kind>();
    const name = nameOf(record);
    const kind = kinds.get(name);
    if (kind) {
      kind.atOnce -= 1;
      kind.goesOn = true;
      return;
    }
    if (this.#kinds >= mostKinds) return;
    this.#kinds += 1;
    kinds.set(name, { atOnce: mostAtOnce - 1, goesOn: true });
    if (!stayed) this.#stays.set(actor, { value, kinds, waiting: new Map() });
    this.#timer ??= setTimeout(() => this.#endSecond(), togetherMs).unref();
  }

  #tellWaiting({ waiting }: Stay): void {
    for (const record of waiting.values()) this.#tell(record);
    waiting.clear();
  }

  #forget(actor: number, stay: Stay): void {
    this.#stays.delete(actor);
    this.#kinds -= stay.kinds.size;
  }

  #endSecond(): void {
    this.#timer = undefined;
    for (const [actor, stay] of this.#stays) {
      this.#tellWaiting(stay);
      for (const [name, kind] of stay.kinds) {
        if (kind.goesOn) {
          kind.goesOn = false;
          kind.atOnce = Math.min(kind.atOnce + 1, mostAtOnce);
        } else {
          stay.kinds.delete(name);
          this.#kinds -= 1;
        }
      }
      if (stay.kinds.size === 0) this.#forget(actor, stay);
    }
    if (this.#stays.size > 0) {
      this.#timer = setTimeout(() => this.#endSecond(), togetherMs).unref();
    }
  }
}

function nameOf({ from, event, taken }: Transition): string {
  return `${from} ${event.type} ${taken.join(' ')}`;
}

/** Undefined: it is too much for one record. */
function together(before: PlainFields, after: PlainFields): PlainFields | undefined {
  const isCovered = Object.keys(before).every((name) => Object.hasOwn(after, name));
  if (isCovered) return after;
  const both = { ...before, ...after };
  return JSON.stringify(both).length > mostChangedCharacters ? undefined : both;
}

/** What is another now by a later record is not told by this one. */
function without(record: Transition, changed: PlainFields): Transition {
  const names = Object.keys(record.changed);
  const left = names.filter((name) => !Object.hasOwn(changed, name));
  if (left.length === names.length) return record;
  const entries = Object.entries(record.changed).filter(([name]) => left.includes(name));
  return { ...record, changed: Object.fromEntries(entries) };
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  return JSON.stringify(one) === JSON.stringify(other);
}
