// Hands over what comes within one turn of the event loop as one list: each message to a thread wakes it, and is packed and
// unpacked for itself, and with many jobs there are some at every turn.

export interface Gatherer<T> {
  add(item: T): void;
  /** At once: there is no next turn. */
  flush(): void;
}

export function gatherByTurn<T>(post: (items: readonly T[]) => void): Gatherer<T> {
  let gathered: T[] = [];
  const flush = () => {
    const items = gathered;
    gathered = [];
    if (items.length > 0) post(items);
  };
  return {
    add(item) {
      if (gathered.length === 0) setImmediate(flush);
      gathered.push(item);
    },
    flush,
  };
}
