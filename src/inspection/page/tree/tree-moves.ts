// Where a key leads to in the tree, as trees have it everywhere.
import type { TreeRows } from './tree-rows.js';

export interface TreeMove {
  readonly select?: number | undefined;
  readonly fold?: { readonly actor: number; readonly isOpen: boolean } | undefined;
}

const pageRows = 15;

/** Undefined: the key is none of the tree's. */
export function treeMove(
  key: string,
  { rows, childrenOf }: TreeRows,
  selected: number | undefined,
): TreeMove | undefined {
  const at = rows.findIndex(({ actor }) => actor === selected);
  const row = rows[at];
  const to = (index: number): TreeMove => ({
    select: rows[Math.max(0, Math.min(index, rows.length - 1))]?.actor,
  });
  switch (key) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(at - 1);
    case 'PageDown':
      return to(at + pageRows);
    case 'PageUp':
      return to(at - pageRows);
    case 'Home':
      return to(0);
    case 'End':
      return to(rows.length - 1);
    case 'ArrowRight':
      if (row === undefined || row.isUnfolded) return to(at + 1);
      return childrenOf(row.actor).length > 0 ? { fold: { actor: row.actor, isOpen: true } } : {};
    case 'ArrowLeft':
      if (row?.isUnfolded) return { fold: { actor: row.actor, isOpen: false } };
      return {
        select: rows.slice(0, at).findLast(({ depth }) => depth < (row?.depth ?? 0))?.actor,
      };
    case 'Enter':
      return row ? { fold: { actor: row.actor, isOpen: !row.isUnfolded } } : {};
    default:
      return undefined;
  }
}
