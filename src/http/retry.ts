// Tries again what may pass. A function around a request, not undici's `retry`, which goes on where a body broke off
// (of a body that is decoded already), knows no time for an attempt in all, and lets no signal end its waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { HelperError, systemCode } from '../errors.js';
import { HttpError } from './http-error.js';

const maxRetryAfterMs = 60_000;

export interface RetryOptions {
  /** How long to wait after each failed attempt but the last; so there is one attempt more. */
  readonly delaysMs: readonly number[];
  readonly signal: AbortSignal;
  /** Told of each failure that is followed by another attempt. */
  readonly onRetry?: ((thrown: unknown) => void) | undefined;
}

/**
 * What the first attempt that succeeds gives. Between attempts it waits as long as the server says (Retry-After,
 * RFC 9110, 10.2.3; a minute at most), or else `delaysMs`. Rejects as the last attempt does, or with the signal's
 * reason.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  { delaysMs, signal, onRetry }: RetryOptions,
): Promise<T> {
  const delays = delaysMs.values();
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      signal.throwIfAborted();
      const { value: delayMs } = delays.next();
      if (delayMs === undefined || !mayPass(thrown)) throw thrown;
      onRetry?.(thrown);
      await wait(askedDelayMs(thrown) ?? delayMs, signal);
    }
  }
}

function mayPass(thrown: unknown): boolean {
  // What somebody forbids with words of his own does not pass.
  if (thrown instanceof HelperError) return false;
  if (!(thrown instanceof HttpError)) return !isBug(thrown);
  const { failure } = thrown;
  if (failure.kind !== 'status') return failure.kind === 'undecodable';
  return failure.statusCode === 429 || failure.statusCode >= 500;
}

/** Networks fail with a code; what has none is our own mistake, and trying again does not mend it. */
export function isBug(thrown: unknown): boolean {
  return thrown instanceof TypeError && systemCode(thrown) === undefined;
}

function askedDelayMs(thrown: unknown): number | undefined {
  if (!(thrown instanceof HttpError) || thrown.failure.kind !== 'status') return undefined;
  return retryAfterMs(thrown.failure.retryAfter, Date.now());
}

/** Seconds or a date as milliseconds to wait, at most a minute; undefined where the header does not say, or not clearly. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const askedMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(askedMs) ? undefined : Math.min(Math.max(askedMs, 0), maxRetryAfterMs);
}

async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
