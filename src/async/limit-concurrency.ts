// Lets a few deeds run at once, the others wait in the order they came: a thousand torrents must not open two thousand
// files in one moment.

export type ConcurrencyLimit = <T>(deed: () => Promise<T>) => Promise<T>;

export function limitConcurrency(most: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (deed) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await deed();
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
