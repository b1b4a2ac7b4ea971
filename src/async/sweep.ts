// Goes through many items in slices, one whole way after the other: whoever asks while it is on its way shares the next one.
import { createSlices } from './slices.js';

/** The returned function asks for a way through what `items` gives as that begins, so many a turn; it may begin at once. */
export function createSweep<T>(
  itemsATurn: number,
  items: () => Iterable<T>,
  visit: (item: T) => void,
): () => void {
  let way: Iterator<T> | undefined;
  let isAsked = false;
  let isVisiting = false;
  const goOn = () => {
    while ((way || isAsked) && slices.take()) {
      if (way === undefined) isAsked = false;
      way ??= items()[Symbol.iterator]();
      const next = way.next();
      if (next.done) way = undefined;
      else visit(next.value);
    }
  };
  // A visit may ask for the next way.
  const goOnUnlessVisiting = () => {
    if (isVisiting) return;
    isVisiting = true;
    try {
      goOn();
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
