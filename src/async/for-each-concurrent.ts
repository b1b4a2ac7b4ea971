// Runs one task for each of many items, a few at a time.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Tasks that find their answer in memory must not keep the event loop to themselves. */
const itemsPerTurn = 256;

/**
 * At most `concurrency` tasks run at once. `task` hears which of so many slots it runs in, so that a slot can have things
 * of its own, such as a buffer. After the first rejection no task is begun; it rejects with that one when those under way
 * have ended.
 */
export async function forEachConcurrent<T>(
  concurrency: number,
  items: Iterable<T>,
  task: (item: T, slot: number) => Promise<void>,
): Promise<void> {
  // One iterator for all slots: an array's or a generator's, it hands out each item once.
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  let begun = 0;
  const run = async (slot: number) => {
    for (let next = queue.next(); !next.done && failures.length === 0; next = queue.next()) {
      begun++;
      if (begun % itemsPerTurn === 0) await nextTurn();
      await task(next.value, slot).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, slot) => run(slot)));
  if (failures.length > 0) throw failures[0];
}
