// One deadline over a whole task, however many waits it is made of.
import { untilAborted } from './until-aborted.js';

export interface Deadline {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The reason of the signal that a task is given, and what ends the wait for it, when the time is over. */
export class DeadlinePassed extends Error {
  static after(timeoutMs: number): DeadlinePassed {
    return new DeadlinePassed(`no answer within ${Math.round(timeoutMs / 10) / 100} s`);
  }
}

/**
 * Settles as `task` does, or rejects once `timeoutMs` have passed or `signal` aborts, even if the task
 * does not heed the signal it is given.
 */
export async function withDeadline<T>(
  { timeoutMs, signal }: Deadline,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const giveUp = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => {
    controller.abort(DeadlinePassed.after(timeoutMs));
  }, timeoutMs);
  timer.unref();
  signal?.addEventListener('abort', giveUp);
  try {
    return await untilAborted(controller.signal, task(controller.signal));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
