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
  const first = queue.next();
  if (first.done) return;
  const second = queue.next();
  // Most torrents have one file.
  if (second.done) return task(first.value, 0);
  const ahead = [first, second];
  const failures: unknown[] = [];
  let begun = 0;
  let isExhausted = false;
  const run = async (slot: number) => {
    while (failures.length === 0) {
      const next = ahead.shift() ?? queue.next();
      if (next.done) {
        isExhausted = true;
        return;
      }
      begun++;
      if (begun % itemsPerTurn === 0) await nextTurn();
      await task(next.value, slot).catch((error: unknown) => failures.push(error));
    }
  };
  const running: Promise<void>[] = [];
  // No more slots than items: most folders hold few files.
  for (let slot = 0; slot < concurrency && !isExhausted; slot++) running.push(run(slot));
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
