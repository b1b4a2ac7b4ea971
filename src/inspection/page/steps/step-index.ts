// Whose each step is: of 100,000 steps those of one actor are found at once. It keeps up with steps that are added at the end; where
// older ones are gone, it begins anew.
import type { ActorState } from '../../told/actor-state.js';
import type { Step } from '../store/page-store.js';

/** What of an actor never changes. */
export type ActorName = Pick<ActorState, 'actor' | 'parent' | 'id' | 'src' | 'machine'>;

export class StepIndex {
  readonly #ofActor = new Map<number, number[]>();
  readonly #names = new Map<number, ActorName>();
  #timesMs: number[] = [];
  #first: Step | undefined;
  #count = 0;

  /** Every actor that a step is of. */
  get names(): ReadonlyMap<number, ActorName> {
    return this.#names;
  }

  /** When each of the steps was: looked through often, and so not fetched from 100,000 records. */
  get timesMs(): readonly number[] {
    return this.#timesMs;
  }

  /** Tells whether it had to begin anew. */
  keepUp(steps: readonly Step[]): boolean {
    const isAnew = this.#first !== steps[0] || this.#count > steps.length;
    if (isAnew) {
      this.#ofActor.clear();
      this.#names.clear();
      this.#timesMs = [];
      this.#count = 0;
    }
    for (let index = this.#count; index < steps.length; index += 1) {
      const step = steps[index];
      if (step) this.#add(step, index);
    }
    this.#first = steps[0];
    this.#count = steps.length;
    return isAnew;
  }

  /** The places of its steps, the oldest first. */
  of(actor: number): readonly number[] {
    return this.#ofActor.get(actor) ?? [];
  }

  #add({ record, before, after }: Step, index: number): void {
    const { actor, timeMs } = record;
    this.#timesMs.push(timeMs);
    const own = this.#ofActor.get(actor);
    if (own) own.push(index);
    else this.#ofActor.set(actor, [index]);
    const named = after ?? before;
    if (named && !this.#names.has(actor)) {
      const { parent, id, src, machine } = named;
      this.#names.set(actor, { actor, parent, id, src, machine });
    }
  }
}

/** How many of such rising numbers are smaller than `limit`. */
export function countBelow(numbers: readonly number[], limit: number): number {
  return firstWhere(numbers.length, (index) => (numbers[index] ?? limit) >= limit);
}

/** The smallest of 0 … `count` from which on it holds; `count`: it never does. */
export function firstWhere(count: number, holds: (index: number) => boolean): number {
  let [from, to] = [0, count];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
