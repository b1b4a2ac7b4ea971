// The actors of one moment, and whose child each is: kept as they come and go, so that nobody has to look through all of them.
import type { ActorState } from '../../told/actor-state.js';

/** How far up a line is followed; a recording may claim any depth. */
const mostAbove = 50;

const nobody: ReadonlySet<number> = new Set();

export class ActorFamily {
  readonly #states = new Map<number, ActorState>();
  /** Undefined: of those without a parent, or whose parent nobody knows. */
  readonly #children = new Map<number | undefined, Set<number>>();
  readonly #parents = new Map<number, number | undefined>();

  /** In the order in which they were made. */
  get states(): ReadonlyMap<number, ActorState> {
    return this.#states;
  }

  /** In the order in which they were made; of undefined, those that are nobody's. */
  childrenOf(actor: number | undefined): ReadonlySet<number> {
    return this.#children.get(actor) ?? nobody;
  }

  /** Undefined: it is nobody's. */
  parentOf(actor: number): number | undefined {
    return this.#parents.get(actor);
  }

  /** From the first of its system to itself; of a very long line, its end. */
  lineOf(actor: number): readonly ActorState[] {
    const line: ActorState[] = [];
    let at: number | undefined = actor;
    for (; at !== undefined && line.length <= mostAbove; at = this.#parents.get(at)) {
      const state = this.#states.get(at);
      if (state) line.unshift(state);
    }
    return line;
  }

  /** Undefined: nobody is called so; of several, the first. */
  find(ids: readonly string[]): number | undefined {
    let found: number | undefined;
    for (const id of ids) {
      found = [...this.childrenOf(found)].find((child) => this.#states.get(child)?.id === id);
      if (found === undefined) return undefined;
    }
    return found;
  }

  set(state: ActorState): void {
    const { actor, parent } = state;
    // A parent is there before its children, so that no line leads round in a circle.
    if (!this.#states.has(actor)) {
      this.#link(actor, parent !== undefined && this.#states.has(parent) ? parent : undefined);
    }
    this.#states.set(actor, state);
  }

  delete(actor: number): void {
    if (!this.#states.delete(actor)) return;
    const parent = this.#parents.get(actor);
    const siblings = this.#children.get(parent);
    siblings?.delete(actor);
    if (siblings?.size === 0) this.#children.delete(parent);
    this.#parents.delete(actor);
    const orphans = this.childrenOf(actor);
    this.#children.delete(actor);
    for (const orphan of orphans) this.#link(orphan, undefined);
  }

  clear(): void {
    for (const part of [this.#states, this.#children, this.#parents]) part.clear();
  }

  #link(actor: number, parent: number | undefined): void {
    this.#parents.set(actor, parent);
    const siblings = this.#children.get(parent);
    if (siblings) siblings.add(actor);
    else this.#children.set(parent, new Set([actor]));
  }
}
