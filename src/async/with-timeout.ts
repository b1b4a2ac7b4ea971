// Waits for a deed, but not for ever.

/** What `deed` resolves with, or undefined once `timeoutMs` have passed. Rejects as `deed` does. */
export async function withTimeout<T>(timeoutMs: number, deed: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  const outcome = await Promise.race([deed, timeout]);
  clearTimeout(timer);
  return outcome;
}
