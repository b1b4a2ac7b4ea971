// Waits for a task, but not for ever.

/** What `task` resolves with, or undefined once `timeoutMs` have passed. Rejects as `task` does. */
export async function withTimeout<T>(timeoutMs: number, task: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([task, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
