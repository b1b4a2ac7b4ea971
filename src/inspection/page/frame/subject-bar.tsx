// Who is looked at: the actors above it, each a step up, and what of it is shown.
import { actorLabel } from '../store/actor-label.js';
import type { PageStore } from '../store/page-store.js';

export const middleViews = ['chart', 'swarm'] as const;
export type MiddleView = (typeof middleViews)[number];

export interface SubjectBarProps {
  readonly store: PageStore;
  readonly view: MiddleView;
  readonly show: (view: MiddleView) => void;
}

export function SubjectBar({ store, view, show }: SubjectBarProps) {
  const { selected, family } = store;
  const line = selected === undefined ? [] : family.lineOf(selected);
  const isThere = selected !== undefined && store.actors.has(selected);
  const absent = !isThere && selected !== undefined ? store.newest(selected) : undefined;
  const turn = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    const next = view === 'chart' ? 'swarm' : 'chart';
    document.getElementById(`view-${next}`)?.focus();
    show(next);
  };
  return (
    <div class="subject">
      <ol>
        {line.map((state) => (
          <li key={state.actor}>
            <button
              type="button"
              title={state.id}
              aria-current={state.actor === selected ? 'true' : undefined}
              onClick={() => store.select(state.actor)}
            >
              {actorLabel(state).name}
            </button>
          </li>
        ))}
        {absent && <li class="absent">{actorLabel(absent).name} is not there yet</li>}
      </ol>
      <div role="tablist" aria-label="what is shown of it" onKeyDown={turn}>
        {middleViews.map((each) => (
          <button
            key={each}
            id={`view-${each}`}
            type="button"
            role="tab"
            aria-selected={each === view}
            aria-controls="view"
            tabIndex={each === view ? 0 : -1}
            title="(v)"
            onClick={() => show(each)}
          >
            {each}
          </button>
        ))}
      </div>
    </div>
  );
}
