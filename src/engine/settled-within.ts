// Waits for a deed, but not for ever.

/** Resolves when `deed` does, or after `timeoutMs`. `deed` must not reject. */
export async function settledWithin(timeoutMs: number, deed: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([deed, timeout]);
  clearTimeout(timer);
}
