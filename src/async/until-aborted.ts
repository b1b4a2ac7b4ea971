// Waits for a task that may not heed a signal, such as one that waits for a dead disk or host.

/** Settles as `task` does, or rejects with the signal's reason as soon as that aborts. */
export async function untilAborted<T>(signal: AbortSignal, task: Promise<T>): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([task, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    // Nobody hears any more how it ends.
    task.catch(() => {});
  }
}
