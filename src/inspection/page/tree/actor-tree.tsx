// The tree of actors: a filter, and a line for each. Whoever moves along the lines looks at the actors, one after the other.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageStore } from '../store/page-store.js';
import { actorFilter } from './actor-filter.js';
import { TreeLines } from './tree-lines.js';
import { treeMove } from './tree-moves.js';
import { useTreeRows } from './use-tree-rows.js';

const nothing: ReadonlyMap<number, boolean> = new Map();

export function ActorTree({ store }: { readonly store: PageStore }) {
  const [typed, setTyped] = useState('');
  const [showsEnded, setShowsEnded] = useState(false);
  const [unfolded, setUnfolded] = useState(nothing);
  const search = useRef<HTMLInputElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  const filter = useMemo(() => actorFilter(typed), [typed]);
  const { actors, family, selected } = store;
  const tree = useTreeRows(store, { unfolded, filter, showsEnded });
  const fold = (actor: number, isOpen: boolean) =>
    setUnfolded((before) => new Map(before).set(actor, isOpen));

  // Whoever is chosen elsewhere is to be seen here.
  useEffect(() => {
    if (selected === undefined) return;
    const above = family.lineOf(selected).slice(0, -1);
    setUnfolded(
      (before) => new Map([...before, ...above.map(({ actor }) => [actor, true] as const)]),
    );
  }, [selected, family]);

  useEffect(() => {
    const seek = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      search.current?.select();
    };
    document.addEventListener('keydown', seek);
    return () => document.removeEventListener('keydown', seek);
  }, []);

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const move = treeMove(event.key, tree, selected);
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (move.select !== undefined) store.select(move.select);
    if (move.fold) fold(move.fold.actor, move.fold.isOpen);
  };
  const leaveSearch = (event: KeyboardEvent) => {
    // What is typed is nobody else's key.
    event.stopPropagation();
    if (event.key === 'Escape') setTyped('');
    if (event.key === 'Escape' || event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault();
      lines.current?.focus();
    }
  };

  return (
    <nav class="tree" aria-label="actors">
      <div class="tree-search">
        <input
          ref={search}
          type="search"
          aria-label="filter the actors"
          placeholder="filter: name, state:seeding"
          title="words of names, files and states; state:seeding, machine:torrent (/)"
          value={typed}
          spellcheck={false}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            lines.current?.scrollTo(0, 0);
          }}
          onKeyDown={leaveSearch}
        />
        <button
          type="button"
          aria-pressed={showsEnded}
          title="show also those that ended long ago"
          onClick={() => setShowsEnded(!showsEnded)}
        >
          ended
        </button>
      </div>
      <TreeLines
        {...{ store, tree, lines, fold }}
        onKeyDown={press}
        nothing={filter ? 'No actor matches the filter.' : 'No actor yet.'}
      />
      <p class="tree-count">
        {tree.rows.length.toLocaleString('en')} of {actors.size.toLocaleString('en')} actors
      </p>
    </nav>
  );
}
