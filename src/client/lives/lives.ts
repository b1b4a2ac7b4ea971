// One helper after the other: when one dies, the next begins after a while that grows, so often in a row and no more. One that
// was told to stop, by whomever, has no successor.
import { setTimeout as delay } from 'node:timers/promises';
import { HelperError, toHelperError } from '../../errors.js';
import type { HelperSource, Life, OnNotification } from './life.js';

/** A helper that has lived so long was a good one. */
const steadyMs = 60_000;
const firstWaitMs = 100;
const longestWaitMs = 10_000;

export interface LivesParts {
  readonly source: HelperSource;
  readonly maxRestarts: number;
  readonly onNotification: OnNotification;
  /** Gives it what there is to do. Rejects if it dies meanwhile. */
  readonly settle: (life: Life) => Promise<void>;
  /** It is there no more. Called at least once for each. */
  readonly onDown: (life: Life) => void;
  readonly onLost: (error: HelperError, restartMs: number) => void;
  readonly onRestarted: () => void;
}

export interface Lives {
  /** Resolves when none follows: with what went wrong, or undefined if it was told to stop. */
  readonly over: Promise<HelperError | undefined>;
  /** Ends the helper of now; none follows. */
  close(): Promise<void>;
}

/**
 * Resolves with the first helper at work. Rejects if it cannot be begun: that is not tried again; nor if `signal` aborts
 * before.
 */
export async function beginLives(
  parts: LivesParts,
  signal: AbortSignal | undefined,
): Promise<Lives> {
  const closing = new AbortController();
  const giveUp = () => closing.abort();
  signal?.addEventListener('abort', giveUp);
  let life = await beginOne(parts, closing.signal).finally(() =>
    signal?.removeEventListener('abort', giveUp),
  );

  const over = (async () => {
    let bornMs = performance.now();
    let attempts = 0;
    for (;;) {
      let error = await life.ended;
      parts.onDown(life);
      if (!error || closing.signal.aborted) return undefined;
      if (performance.now() - bornMs >= steadyMs) attempts = 0;
      for (let isUp = false; !isUp; ) {
        attempts += 1;
        if (attempts > parts.maxRestarts) return error;
        const waitMs = Math.min(firstWaitMs * 2 ** (attempts - 1), longestWaitMs);
        parts.onLost(error, waitMs);
        await delay(waitMs, undefined, { signal: closing.signal }).catch(() => {});
        if (closing.signal.aborted) return undefined;
        try {
          life = await beginOne(parts, closing.signal);
          isUp = true;
        } catch (thrown) {
          if (closing.signal.aborted) return undefined;
          error = toHelperError(thrown);
        }
      }
      bornMs = performance.now();
      if (closing.signal.aborted) await life.end();
      else parts.onRestarted();
    }
  })();

  return {
    over,
    async close() {
      closing.abort();
      await life.end();
      await over;
    },
  };
}

async function beginOne(
  { source, onNotification, settle, onDown }: LivesParts,
  closing: AbortSignal,
): Promise<Life> {
  const life = await source.open(onNotification, closing);
  const close = () => void life.end();
  closing.addEventListener('abort', close);
  try {
    await settle(life);
    return life;
  } catch (error) {
    onDown(life);
    await life.end();
    throw error instanceof HelperError ? error : toHelperError(error);
  } finally {
    closing.removeEventListener('abort', close);
  }
}
