// Fetches the bytes of a .torrent file over HTTP, patiently: what may pass is tried again, what will not is not.
// It does not look at what the bytes mean.
import { setTimeout as sleep } from 'node:timers/promises';
import { requestUrl } from '../http/request-url.js';

export interface FetchPatience {
  /** How long one attempt may take in all, redirects and body included. */
  readonly attemptMs: number;
  /** How long to wait after each failed attempt but the last; so there is one attempt more. */
  readonly retryDelaysMs: readonly number[];
}

const usualPatience: FetchPatience = {
  attemptMs: 30_000,
  retryDelaysMs: [1000, 2000, 4000, 8000],
};

/**
 * The body at `url`, at most 32 MiB once decoded. Follows up to 5 redirects; asks by way of the proxies that the
 * environment names (http_proxy, https_proxy, no_proxy); tries again after connection errors, timeouts, 429 and 5xx,
 * when the server says (Retry-After, RFC 9110) or after 1, 2, 4 and 8 s.
 *
 * @throws HelperError HTTP_STATUS, HTTP_UNREACHABLE, HTTP_TIMEOUT, HTTP_REDIRECTS or TOO_LARGE; the signal's reason
 * once it aborts
 */
export async function fetchUrl(
  url: URL,
  signal: AbortSignal,
  { attemptMs, retryDelaysMs }: FetchPatience = usualPatience,
): Promise<Uint8Array> {
  const delaysMs = retryDelaysMs.values();
  for (;;) {
    const answer = await requestUrl(url, signal, attemptMs);
    if (answer.kind === 'fetched') return answer.bytes;
    const { value: delayMs } = delaysMs.next();
    if (delayMs === undefined || !answer.mayPass) throw answer.error;
    await wait(answer.retryAfterMs ?? delayMs, signal);
  }
}

async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
