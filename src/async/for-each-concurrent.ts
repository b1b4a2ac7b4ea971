// Does one deed for each of many items, a few at a time.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Deeds that find their answer in memory must not keep the event loop to themselves. */
const itemsPerTurn = 256;

/**
 * Each of `lanes` lanes takes the next item when it is done with one. `deed` hears its lane's number, so that it can
 * keep things of its own, such as a buffer. After the first rejection no item is begun; it rejects with that one
 * when the deeds under way have ended.
 */
export async function forEachConcurrent<T>(
  lanes: number,
  items: Iterable<T>,
  deed: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  // One iterator for all lanes: an array's or a generator's, it hands out each item once.
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  let begun = 0;
  const runLane = async (lane: number) => {
    for (let next = queue.next(); !next.done && failures.length === 0; next = queue.next()) {
      begun++;
      if (begun % itemsPerTurn === 0) await nextTurn();
      await deed(next.value, lane).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  if (failures.length > 0) throw failures[0];
}
