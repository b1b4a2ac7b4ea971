// One deadline over a whole deed, however many waits it is made of.

export interface Limits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export class DeadlinePassed extends Error {}

/**
 * Settles as `deed` does, or rejects once `timeoutMs` have passed or `signal` aborts, even if the deed
 * does not heed the signal it is given.
 */
export async function withDeadline<T>(
  { timeoutMs, signal }: Limits,
  deed: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const giveUp = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => {
    controller.abort(new DeadlinePassed(`no answer within ${Math.round(timeoutMs / 10) / 100} s`));
  }, timeoutMs);
  timer.unref();
  signal?.addEventListener('abort', giveUp);
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
  });
  try {
    return await Promise.race([deed(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
