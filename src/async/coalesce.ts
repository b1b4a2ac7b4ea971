// Runs a task over and over, never twice at once: whoever asks while it is under way shares the next run.

/** The returned function settles as the first `task` does that begins after the call. */
export function coalesce(task: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = () => {
    next = undefined;
    return task();
  };
  return () => {
    if (next === undefined) {
      next = underWay.then(begin, begin);
      underWay = next;
    }
    return next;
  };
}
