// The keys that move along time, wherever on the page: but not where the same keys mean something else. The tree and the chart let
// through what they have no use for.
import { useEffect } from 'preact/hooks';
import { countBelow } from '../steps/step-index.js';
import type { PageStore } from '../store/page-store.js';

/** `placesOf`: of the steps of who is looked at. */
export function useTimeKeys(
  store: PageStore,
  placesOf: () => readonly number[],
  toggle: () => void,
): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isElsewhere(event)) return;
      const { position, steps } = store;
      const [back, on] = event.shiftKey
        ? stepsOf(placesOf(), position)
        : [position - 1, position + 1];
      if (event.key === 'ArrowLeft') store.seek(Math.max(0, back));
      else if (event.key === 'ArrowRight') store.seek(Math.min(on, steps.length));
      else if (event.key === 'Home') store.seek(Math.min(1, steps.length));
      else if (event.key === 'End') store.follow();
      else if (event.key === ' ') toggle();
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** The positions after the step before and after the next one, of those at such places. */
function stepsOf(places: readonly number[], position: number): readonly [number, number] {
  const before = places[countBelow(places, position - 1) - 1];
  const next = places[countBelow(places, position)];
  return [before === undefined ? position : before + 1, next === undefined ? position : next + 1];
}

function isElsewhere({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (key === ' ' && target.closest('button, summary, a') !== null) return true;
  return target.closest('input, textarea, select, dialog') !== null;
}
