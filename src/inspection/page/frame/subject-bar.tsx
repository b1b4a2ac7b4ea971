// Who is looked at: the actors above it, each a step up, and what of it is shown.
import type { PageStore } from '../store/page-store.js';

export const views = ['chart', 'swarm'] as const;
export type View = (typeof views)[number];

export interface SubjectBarProps {
  readonly store: PageStore;
  readonly view: View;
  readonly show: (view: View) => void;
}

export function SubjectBar({ store, view, show }: SubjectBarProps) {
  const { selected, family } = store;
  const line = selected === undefined ? [] : family.lineOf(selected);
  const isThere = selected !== undefined && store.actors.has(selected);
  const absent = !isThere && selected !== undefined ? store.newest(selected) : undefined;
  return (
    <div class="subject">
      <ol>
        {line.map(({ actor, id }) => (
          <li key={actor}>
            <button
              type="button"
              aria-current={actor === selected ? 'true' : undefined}
              onClick={() => store.select(actor)}
            >
              {id}
            </button>
          </li>
        ))}
        {absent && <li>{absent.id} is not there yet</li>}
      </ol>
      <div role="tablist" aria-label="what is shown of it">
        {views.map((each) => (
          <button
            key={each}
            id={`view-${each}`}
            type="button"
            role="tab"
            aria-selected={each === view}
            aria-controls="view"
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
