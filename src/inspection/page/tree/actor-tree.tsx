// The tree of actors.
import type { PageStore } from '../store/page-store.js';

export function ActorTree({ store }: { readonly store: PageStore }) {
  return (
    <nav class="tree" aria-label="actors">
      {[...store.actors.values()].map(({ actor, id, value }) => (
        <button key={actor} type="button" onClick={() => store.select(actor)}>
          {id} {JSON.stringify(value)}
        </button>
      ))}
    </nav>
  );
}
