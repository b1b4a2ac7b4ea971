// Goes through many items in slices, one whole way after the other: whoever asks while it is on its way shares the next one.
import { createSlices } from './slices.js';

/**
 * The returned function asks for a way through what `items` gives as that begins, so many a turn; it may begin at once. `visit`
 * gets those of a turn together.
 */
export function createSweep<T>(
  itemsATurn: number,
  items: () => Iterable<T>,
  visit: (items: readonly T[]) => void,
): () => void {
  let way: Iterator<T> | undefined;
  let isAsked = false;
  let isVisiting = false;
  const takeTogether = () => {
    const together: T[] = [];
    while ((way || isAsked) && slices.take()) {
      if (way === undefined) isAsked = false;
      way ??= items()[Symbol.iterator]();
      const next = way.next();
      if (next.done) way = undefined;
      else together.push(next.value);
    }
    return together;
  };
  // A visit may ask for the next way.
  const goOnUnlessVisiting = () => {
    if (isVisiting) return;
    isVisiting = true;
    try {
      for (let some = takeTogether(); some.length > 0; some = takeTogether()) visit(some);
    } finally {
      isVisiting = false;
    }
  };
  const slices = createSlices(itemsATurn, goOnUnlessVisiting);
  return () => {
    isAsked = true;
    goOnUnlessVisiting();
  };
}
