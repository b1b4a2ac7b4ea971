// All that is known, over time; whoever moves along it sees everything as it was then.
import type { PageStore } from '../store/page-store.js';

export function TimeLine({ store }: { readonly store: PageStore }) {
  return (
    <input
      class="time-line"
      type="range"
      min={0}
      max={store.steps.length}
      value={store.position}
      onInput={({ currentTarget }) => store.seek(Number(currentTarget.value))}
    />
  );
}
