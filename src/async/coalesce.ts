// Does a deed over and over, never twice at once: whoever asks while it is under way shares the next time.

/** The returned function settles as the first `deed` does that begins after the call. */
export function coalesce(deed: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = () => {
    next = undefined;
    return deed();
  };
  return () => {
    if (next === undefined) {
      next = underWay.then(begin, begin);
      underWay = next;
    }
    return next;
  };
}
