// Hands over what comes together as one list: each message to a thread or an actor costs for itself, and with many jobs there are
// some at every turn of the event loop.

export interface Gatherer<T> {
  add(item: T): void;
  /** At once: there is no next turn. */
  flush(): void;
}

/** `wake`: has `flush` called soon, of what begins to be gathered. So many as `mostTogether` are handed over at once. */
export function gather<T>(
  post: (items: readonly T[]) => void,
  wake: (flush: () => void) => void,
  mostTogether = Number.POSITIVE_INFINITY,
): Gatherer<T> {
  let gathered: T[] = [];
  const flush = () => {
    const items = gathered;
    gathered = [];
    if (items.length > 0) post(items);
  };
  return {
    add(item) {
      if (gathered.length === 0) wake(flush);
      gathered.push(item);
      if (gathered.length === mostTogether) flush();
    },
    flush,
  };
}

export function gatherByTurn<T>(post: (items: readonly T[]) => void): Gatherer<T> {
  return gather(post, setImmediate);
}
