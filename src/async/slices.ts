// Much small work, in slices by count: so many items in one turn of the event loop, and then timers, sockets and lines have
// their turn. It knows neither the items nor their order, and no clock.
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface Slices {
  /** Whether one more item may be handled in this turn. If not, `goOn` is called in the next. */
  take(): boolean;
}

/**
 * For work that comes by itself: what there is room for in the turn in which it comes is done at once. Whoever is told
 * no stops there, and goes on when `goOn` is called.
 */
export function createSlices(itemsATurn: number, goOn: () => void): Slices {
  let taken = 0;
  let isWaiting = false;
  const beginTurn = () => {
    taken = 0;
    if (!isWaiting) return;
    isWaiting = false;
    goOn();
  };
  return {
    take() {
      if (taken === itemsATurn) {
        isWaiting = true;
        return false;
      }
      if (taken === 0) setImmediate(beginTurn);
      taken += 1;
      return true;
    },
  };
}

/** For work that lies there as a whole. Rejects with what `task` throws; no item follows then. */
export async function forEachInSlices<T>(
  itemsATurn: number,
  items: Iterable<T>,
  task: (item: T) => void,
): Promise<void> {
  let count = 0;
  for (const item of items) {
    if (count > 0 && count % itemsATurn === 0) await nextTurn();
    count += 1;
    task(item);
  }
}
