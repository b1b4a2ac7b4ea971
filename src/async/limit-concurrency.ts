// Lets a few tasks run at once, while the others wait in the order they came: a thousand torrents must not open two
// thousand files in one moment. With a limit of 1, tasks run strictly one after the other.

export type ConcurrencyLimit = <T>(task: () => Promise<T>) => Promise<T>;

/** A task that fails makes room for the next one like any other. */
export function limitConcurrency(limit: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      // Whoever waits takes over the room.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
