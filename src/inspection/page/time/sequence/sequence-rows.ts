// What of all steps the sequence diagram shows, and between whom. Looking at one actor, that are the events of it, of what it made,
// and those that it sent; and what befalls the engine, on which all of them stand.
import type { ActorName } from '../../steps/step-index.js';
import { actorName } from '../../store/actor-label.js';
import type { Step } from '../../store/page-store.js';
import { isInternal } from './event-label.js';

export interface SequenceFilter {
  /** Whose; undefined: everybody's. */
  readonly actor: number | undefined;
  /** What a machine only says of itself, as to the monitor. */
  readonly hasReports: boolean;
  /** XState's own events. */
  readonly hasInternals: boolean;
}

export interface SequenceColumn {
  readonly key: string;
  readonly label: string;
  /** If it is of one alone. */
  readonly actor: number | undefined;
}

/** More have no room beside each other. */
const mostColumns = 12;
const everybodyElse = 'others';
const engine = 'engine';
/** A recording may claim circles. */
const deepest = 20;

export class SequenceRows {
  readonly #filter: SequenceFilter;
  readonly #nameOf: (actor: number) => ActorName | undefined;
  readonly #rows: number[] = [];
  readonly #columns = new Map<string, SequenceColumn & { readonly isNear: boolean }>();
  /** Known once: nobody's maker becomes another. */
  readonly #near = new Map<number, boolean>();
  #count = 0;

  constructor(filter: SequenceFilter, nameOf: (actor: number) => ActorName | undefined) {
    this.#filter = filter;
    this.#nameOf = nameOf;
  }

  /** The places of the steps that are shown, the oldest first. */
  get rows(): readonly number[] {
    return this.#rows;
  }

  /** Those furthest away first, then who is looked at and what it made. */
  get columns(): readonly SequenceColumn[] {
    const columns = [...this.#columns.values()];
    return [...columns.filter(({ isNear }) => !isNear), ...columns.filter(({ isNear }) => isNear)];
  }

  /** Of what was there before nothing may have gone. */
  keepUp(steps: readonly Step[]): void {
    for (let index = this.#count; index < steps.length; index += 1) {
      const step = steps[index];
      if (step && this.#isShown(step)) this.#add(step, index);
    }
    this.#count = steps.length;
  }

  columnOf(actor: number): string | undefined {
    const name = this.#nameOf(actor);
    if (name === undefined) return undefined;
    const key = this.#isNear(name) ? `${name.parent ?? ''}/${name.id}` : name.src;
    return this.#columns.has(key) ? key : everybodyElse;
  }

  #add({ record }: Step, index: number): void {
    this.#rows.push(index);
    const from = record.type === 'actor' ? record.parent : record.from;
    if (from !== undefined) this.#addColumn(from);
    this.#addColumn(record.actor);
  }

  #addColumn(actor: number): void {
    const name = this.#nameOf(actor);
    if (name === undefined) return;
    const isNear = this.#isNear(name);
    const key = isNear ? `${name.parent ?? ''}/${name.id}` : name.src;
    const known = this.#columns.get(key);
    if (known) {
      if (known.actor === actor || known.actor === undefined) return;
      const label = isNear ? known.label : name.src;
      this.#columns.set(key, { ...known, label, actor: isNear ? actor : undefined });
    } else if (this.#columns.size < mostColumns) {
      this.#columns.set(key, { key, label: actorName(name), actor, isNear });
    } else {
      const column = { key: everybodyElse, label: everybodyElse, actor: undefined, isNear: true };
      this.#columns.set(everybodyElse, column);
    }
  }

  #isShown({ record, after, before }: Step): boolean {
    const { actor, hasReports, hasInternals } = this.#filter;
    if (!hasInternals && isInternal(record)) return false;
    const name = this.#nameOf(record.actor) ?? after ?? before;
    const from = record.type === 'actor' ? record.parent : record.from;
    if (!hasReports && record.type === 'transition' && name) {
      const sender = from === undefined ? undefined : this.#nameOf(from);
      const isToParent = name.machine === undefined && sender?.parent === record.actor;
      if (name.machine === 'monitor' || isToParent) return false;
    }
    if (actor === undefined) return true;
    const sender = from === undefined ? undefined : this.#nameOf(from);
    return [name, sender].some((each) => each && (this.#isNear(each) || this.#isEngine(each)));
  }

  /** It is looked at, or was made by who is. */
  #isNear(name: ActorName): boolean {
    const known = this.#near.get(name.actor);
    if (known !== undefined) return known;
    const isNear = this.#filter.actor !== undefined && this.#isWithin(name, this.#filter.actor);
    this.#near.set(name.actor, isNear);
    return isNear;
  }

  #isWithin(name: ActorName, whole: number): boolean {
    let maker: ActorName | undefined = name;
    for (let level = 0; maker !== undefined && level < deepest; level += 1) {
      if (maker.actor === whole || maker.parent === whole) return true;
      maker = maker.parent === undefined ? undefined : this.#nameOf(maker.parent);
    }
    return false;
  }

  #isEngine({ parent, machine }: ActorName): boolean {
    if (machine === engine) return true;
    return parent !== undefined && this.#nameOf(parent)?.machine === engine;
  }
}
