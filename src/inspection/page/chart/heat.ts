// How often each transition of a chart has been taken: in this run, as far as it is known, or by the tests that the package was built with.
import type { Step } from '../store/page-store.js';

export type Counts = ReadonlyMap<string, number>;

/** How warm it is drawn: 0 is never. */
export type HeatLevel = 0 | 1 | 2 | 3 | 4;

export function heatLevel(count: number, most: number): HeatLevel {
  if (count <= 0) return 0;
  const part = Math.log(count + 1) / Math.log(Math.max(most, 1) + 1);
  if (part <= 0.25) return 1;
  if (part <= 0.5) return 2;
  return part <= 0.75 ? 3 : 4;
}

/** Counts the steps of a run; those that it has counted are not gone over again. */
export class RunHeat {
  readonly #machine: string;
  readonly #counts = new Map<string, number>();
  #first: Step | undefined;
  #counted = 0;

  constructor(machine: string) {
    this.#machine = machine;
  }

  of(steps: readonly Step[]): Counts {
    if (steps[0] !== this.#first || steps.length < this.#counted) {
      this.#first = steps[0];
      this.#counted = 0;
      this.#counts.clear();
    }
    for (const { record, after } of steps.slice(this.#counted)) {
      if (after?.machine !== this.#machine) continue;
      const times = record.type === 'transition' ? (record.times ?? 1) : 1;
      for (const id of record.taken) this.#counts.set(id, (this.#counts.get(id) ?? 0) + times);
    }
    this.#counted = steps.length;
    return this.#counts;
  }
}
