// The lines of the tree, of which only those are made that can be seen: ten thousand jobs cost no more than thirty.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { actorLabel } from '../store/actor-label.js';
import type { PageStore } from '../store/page-store.js';
import type { TreeRow, TreeRows } from './tree-rows.js';

/** As in tree.css. */
const rowPixels = 24;
const moreRows = 8;
/** Of the line: so much of it the name of a file has, and the state gives way. */
const leastFileShare = '38%';

export interface TreeLinesProps {
  readonly store: PageStore;
  readonly tree: TreeRows;
  readonly lines: RefObject<HTMLDivElement | null>;
  readonly fold: (actor: number, isOpen: boolean) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** What is said where there is no line. */
  readonly nothing: string;
}

export function TreeLines({ store, tree, lines, fold, onKeyDown, nothing }: TreeLinesProps) {
  const { rows } = tree;
  const { selected } = store;
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);

  useEffect(() => {
    const box = lines.current;
    if (!box) return undefined;
    const observer = new ResizeObserver(() => setHeight(box.clientHeight));
    observer.observe(box);
    return () => observer.disconnect();
  }, [lines]);

  const at = rows.findIndex(({ actor }) => actor === selected);
  const isThere = at >= 0;
  useLayoutEffect(() => {
    const box = lines.current;
    if (!box || !isThere) return;
    const line = at * rowPixels;
    if (line < box.scrollTop) box.scrollTop = line;
    const end = line + rowPixels - box.clientHeight;
    if (end > box.scrollTop) box.scrollTop = end;
  }, [selected, isThere]);

  const first = Math.max(0, Math.floor(top / rowPixels) - moreRows);
  const last = Math.ceil((top + height) / rowPixels) + moreRows;
  const click = (event: MouseEvent) => {
    const target = event.target instanceof Element ? event.target : undefined;
    const line = target?.closest<HTMLElement>('[data-actor]');
    const actor = Number(line?.dataset.actor);
    if (!line) return;
    store.select(actor);
    // A line is gone when it is scrolled away; so the keys stay with all of them.
    lines.current?.focus({ preventScroll: true });
    if (target?.closest('.tree-fold') || event.detail > 1) {
      fold(actor, line.ariaExpanded === 'false');
    }
  };

  return (
    <div
      ref={lines}
      class="tree-lines"
      role="tree"
      tabIndex={0}
      aria-label="actors"
      aria-activedescendant={isThere ? `actor-${selected}` : undefined}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onClick={click}
    >
      {rows.length === 0 && <p class="tree-nothing">{nothing}</p>}
      <div role="presentation" style={{ height: `${rows.length * rowPixels}px` }}>
        {rows.slice(first, last).map((row, index) => (
          <TreeLine
            key={row.actor}
            {...{ store, row }}
            within={tree.childrenOf(row.actor).length}
            top={(first + index) * rowPixels}
          />
        ))}
      </div>
    </div>
  );
}

interface TreeLineProps {
  readonly store: PageStore;
  readonly row: TreeRow;
  readonly within: number;
  readonly top: number;
}

function TreeLine({ store, row, within, top }: TreeLineProps) {
  const { actor, depth, isUnfolded, setSize, posInSet } = row;
  const state = store.actors.get(actor);
  if (state === undefined) return null;
  const { name, file, state: chip, percent, tone } = actorLabel(state);
  const given = typeof state.context.file === 'string' ? state.context.file : '';
  return (
    <div
      id={`actor-${actor}`}
      class={`tree-line ${state.status === 'active' ? '' : 'has-ended'}`}
      role="treeitem"
      tabIndex={-1}
      data-actor={actor}
      aria-level={depth + 1}
      aria-setsize={setSize}
      aria-posinset={posInSet}
      aria-selected={store.selected === actor}
      aria-expanded={within > 0 ? isUnfolded : undefined}
      title={[state.id, given, chip].filter(Boolean).join('  ')}
      style={{
        transform: `translateY(${top}px)`,
        paddingLeft: `${4 + 13 * Math.min(depth, 12)}px`,
      }}
    >
      <span class="tree-fold" aria-hidden="true" />
      <span class="tree-name">{name}</span>
      {file !== undefined && (
        <span class="tree-file" style={{ minWidth: `min(${file.length}ch, ${leastFileShare})` }}>
          {file}
        </span>
      )}
      {within > 0 && !isUnfolded && (
        <span class="tree-children" title={`${within} within`}>
          {within}
        </span>
      )}
      {chip !== undefined && (
        <span class={`chip is-${tone}`}>
          <span class="chip-state">{chip}</span>
          {percent !== undefined && ` ${percent}%`}
        </span>
      )}
    </div>
  );
}
