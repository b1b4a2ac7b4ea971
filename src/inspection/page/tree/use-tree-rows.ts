// The lines of the tree as the store has them now. Where there are so many that making them costs time, they are made less often, and
// what is drawn between is where each actor is now.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageStore } from '../store/page-store.js';
import { type TreeInput, type TreeRows, treeRows } from './tree-rows.js';

/** What whoever looks has asked for, and does not wait for. */
export type TreeChoice = Pick<TreeInput, 'unfolded' | 'filter' | 'showsEnded'>;

/** So much of the time it may take, at most: one part of so many. */
const shareOfTime = 10;

interface Made {
  readonly tree: TreeRows;
  readonly choice: TreeChoice;
  readonly selected: number | undefined;
  readonly version: number;
  /** When it may be made again, as `performance.now()` has it. */
  readonly againMs: number;
}

export function useTreeRows(store: PageStore, choice: TreeChoice): TreeRows {
  const [, redraw] = useState(0);
  const last = useRef<Made>(undefined);
  const nowMs = performance.now();
  const made = isGood(last.current, store, choice, nowMs)
    ? last.current
    : make(store, choice, nowMs);
  last.current = made;

  const isOld = made.version !== store.version;
  useEffect(() => {
    if (!isOld) return undefined;
    const timer = setTimeout(() => redraw((times) => times + 1), made.againMs - performance.now());
    return () => clearTimeout(timer);
  }, [isOld, made]);
  return made.tree;
}

function isGood(
  made: Made | undefined,
  { version, selected }: PageStore,
  { unfolded, filter, showsEnded }: TreeChoice,
  nowMs: number,
): made is Made {
  if (made === undefined) return false;
  const isAsked =
    made.selected === selected &&
    made.choice.unfolded === unfolded &&
    made.choice.filter === filter &&
    made.choice.showsEnded === showsEnded;
  return isAsked && (made.version === version || nowMs < made.againMs);
}

function make(store: PageStore, choice: TreeChoice, nowMs: number): Made {
  const { actors, family, selected, current, version } = store;
  const timeMs = current?.record.timeMs ?? 0;
  const tree = treeRows({ ...choice, actors, family, selected, nowMs: timeMs });
  const tookMs = performance.now() - nowMs;
  return { tree, choice, selected, version, againMs: nowMs + shareOfTime * tookMs };
}
