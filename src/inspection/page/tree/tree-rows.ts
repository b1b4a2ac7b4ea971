// Which lines the tree has, and in what order: those that are unfolded, that the filter lets through, and that have not ended long ago.
import type { ActorState } from '../../told/actor-state.js';
import { hasFailed } from '../store/actor-label.js';
import type { ActorFilter } from './actor-filter.js';

/** What has ended is shown for so long, as that is when it is looked for. */
export const endedShownMs = 10_000;

export interface TreeInput {
  readonly actors: ReadonlyMap<number, ActorState>;
  readonly family: {
    childrenOf(actor: number | undefined): Iterable<number>;
    parentOf(actor: number): number | undefined;
  };
  /** Those that were folded or unfolded by whoever looks. */
  readonly unfolded: ReadonlyMap<number, boolean>;
  readonly filter: ActorFilter | undefined;
  readonly showsEnded: boolean;
  /** Shown in any case. */
  readonly selected: number | undefined;
  readonly nowMs: number;
}

export interface TreeRow {
  readonly actor: number;
  /** 0 for those that are nobody's children. */
  readonly depth: number;
  readonly isUnfolded: boolean;
  readonly setSize: number;
  /** From 1 on. */
  readonly posInSet: number;
}

export interface TreeRows {
  readonly rows: readonly TreeRow[];
  /** Those that are shown where it is unfolded. */
  childrenOf(actor: number | undefined): readonly number[];
}

export function treeRows(input: TreeInput): TreeRows {
  const { actors, family, unfolded, filter, nowMs, selected, showsEnded } = input;
  const found = filter && search(input, filter);

  const isShown = (actor: number, isParentFound: boolean, hasParentEnded: boolean) => {
    const state = actors.get(actor);
    if (state === undefined) return false;
    if (found && !isParentFound && !found.matching.has(actor) && !found.above.has(actor))
      return false;
    if (state.status === 'active' || showsEnded || actor === selected) return true;
    if (nowMs - state.changedMs < endedShownMs) return true;
    // The steps of a job that has ended tell why.
    return state.machine === undefined ? hasParentEnded : hasFailed(state);
  };
  const childrenOf = (actor: number | undefined) => {
    const parent = actor === undefined ? undefined : actors.get(actor);
    const hasEnded = parent !== undefined && parent.status !== 'active';
    const isFound = actor !== undefined && found?.matching.has(actor) === true;
    const children: number[] = [];
    for (const child of family.childrenOf(actor)) {
      if (isShown(child, isFound, hasEnded)) children.push(child);
    }
    return children;
  };
  const isUnfolded = (actor: number) =>
    // A job's steps come and go; everything above them stays.
    unfolded.get(actor) ?? (actors.get(actor)?.machine !== 'torrent' || found?.above.has(actor));

  const rows: TreeRow[] = [];
  // Not by recursion: how deep a recording is, is for a stranger to say.
  const open = [{ children: childrenOf(undefined), next: 0 }];
  for (let level = open.at(-1); level; level = open.at(-1)) {
    const actor = level.children[level.next];
    if (actor === undefined) {
      open.pop();
      continue;
    }
    level.next += 1;
    const children = isUnfolded(actor) ? childrenOf(actor) : [];
    rows.push({
      actor,
      depth: open.length - 1,
      isUnfolded: children.length > 0,
      setSize: level.children.length,
      posInSet: level.next,
    });
    if (children.length > 0) open.push({ children, next: 0 });
  }
  return { rows, childrenOf };
}

/** Who matches, and those above them. */
function search({ actors, family }: TreeInput, filter: ActorFilter) {
  const matching = new Set<number>();
  const above = new Set<number>();
  for (const [actor, state] of actors) {
    if (!filter(state)) continue;
    matching.add(actor);
    let parent = family.parentOf(actor);
    while (parent !== undefined && !above.has(parent)) {
      above.add(parent);
      parent = family.parentOf(parent);
    }
  }
  return { matching, above };
}
