// One task at a time under one key, in this process: an attempt that was broken off may still be tidying up there.
import { type ConcurrencyLimit, limitConcurrency } from './limit-concurrency.js';

interface Queue {
  readonly run: ConcurrencyLimit;
  tasks: number;
}

const queues = new Map<string, Queue>();

/** Waits until all that was asked for earlier under `key` has ended, well or not. */
export async function serialize<T>(key: string, task: () => Promise<T>): Promise<T> {
  const queue = queues.get(key) ?? { run: limitConcurrency(1), tasks: 0 };
  queues.set(key, queue);
  queue.tasks++;
  try {
    return await queue.run(task);
  } finally {
    queue.tasks--;
    if (queue.tasks === 0) queues.delete(key);
  }
}
