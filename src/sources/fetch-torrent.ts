// Fetches the bytes of a .torrent file over HTTP: what may pass is tried again, what will not is not.
// It does not look at what the bytes mean.
import type { Reach } from '../../machines/types.js';
import { DeadlinePassed, withDeadline } from '../async/with-deadline.js';
import { HelperError, systemCode, toHelperError } from '../errors.js';
import { acceptEncoding } from '../http/decode-body.js';
import { createHttpClient } from '../http/http-client.js';
import { HttpError, type HttpFailure } from '../http/http-error.js';
import { isBug, retry } from '../http/retry.js';
import { metainfoLimits } from '../limits.js';
import { mayLeadTo, type Permit } from '../net/reach.js';

export interface FetchTiming {
  /** How long one attempt may take in all, redirects and body included. */
  readonly attemptMs: number;
  /** How long to wait after each failed attempt but the last; so there is one attempt more. */
  readonly retryDelaysMs: readonly number[];
}

export interface FetchOptions extends Partial<FetchTiming> {
  /** Of whoever named the URL; left out, the user. */
  readonly reach?: Reach | undefined;
  /** Told of the first attempt that failed, if there will be another. */
  readonly onRetry?: ((error: HelperError) => void) | undefined;
  /** Told of how many bytes have come; of 0 when an attempt failed, and they are dropped. What it throws ends the fetch. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** `from`: the address of the server that gave it, or redirected to it; undefined where only a proxy knows it. */
export type FetchAnswer =
  | { readonly kind: 'torrent'; readonly body: Uint8Array; readonly from: string | undefined }
  /** It redirected to a magnet link. */
  | { readonly kind: 'magnet'; readonly link: string; readonly from: string | undefined };

const usualTiming: FetchTiming = {
  attemptMs: 30_000,
  retryDelaysMs: [1000, 2000, 4000, 8000],
};

const httpOptions = {
  maxBodyBytes: metainfoLimits.torrentFileBytes,
  maxRedirects: 5,
  hasTunnel: false,
  headers: {
    'user-agent': 'bittorrent-helper',
    accept: '*/*',
    'accept-encoding': acceptEncoding,
  },
};

/**
 * What is at `url`, at most 32 MiB once decoded. Follows up to 5 redirects; asks by way of the proxies that the
 * environment names (http_proxy, https_proxy, no_proxy); tries again after connection errors, timeouts, 429 and 5xx,
 * when the server says (Retry-After, RFC 9110) or after 1, 2, 4 and 8 s. A redirect to a magnet link is an answer, too.
 *
 * @throws HelperError HTTP_STATUS, HTTP_UNREACHABLE, HTTP_TIMEOUT, HTTP_REDIRECTS, HTTP_FORBIDDEN or TOO_LARGE; the signal's reason
 * once it aborts; what `onBytes` throws
 */
export async function fetchTorrent(
  url: URL,
  signal: AbortSignal,
  {
    attemptMs = usualTiming.attemptMs,
    retryDelaysMs = usualTiming.retryDelaysMs,
    reach = { kind: 'user' },
    onRetry,
    onBytes,
  }: FetchOptions = {},
): Promise<FetchAnswer> {
  signal.throwIfAborted();
  const client = createHttpClient(httpOptions);
  const attempt = () =>
    withDeadline({ timeoutMs: attemptMs, signal }, (deadline) =>
      client.get(url, deadline, permitOf(url, reach), onBytes),
    ).catch((thrown: unknown) => {
      onBytes?.(0);
      throw thrown;
    });
  let retries = 0;
  const tellFirst = (thrown: unknown) => {
    retries += 1;
    if (retries > 1) return;
    const { code, message } = toFetchError(url, thrown, attemptMs);
    onRetry?.(new HelperError(code, `${message}; it is asked again`, { cause: thrown }));
  };
  try {
    const answer = await retry(attempt, { delaysMs: retryDelaysMs, signal, onRetry: tellFirst });
    return { kind: 'torrent', ...answer };
  } catch (thrown) {
    signal.throwIfAborted();
    const redirect = magnetRedirect(thrown);
    if (redirect !== undefined) return redirect;
    throw toFetchError(url, thrown, attemptMs);
  } finally {
    await client.close();
  }
}

/** A URL as it may be shown: without the credentials and the query, which may hold a passkey. */
export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

function magnetRedirect(thrown: unknown): FetchAnswer | undefined {
  if (!(thrown instanceof HttpError) || thrown.failure.kind !== 'badRedirect') return undefined;
  const { to, server } = thrown.failure;
  return to?.protocol === 'magnet:' ? { kind: 'magnet', link: to.href, from: server } : undefined;
}

/** A user's URL may be anywhere. What it redirects to is the word of its server. */
function permitOf(url: URL, reach: Reach, isRedirected = false): Permit {
  return {
    check(to, address) {
      if (mayLeadTo(reach, to.pathname, address)) return;
      const [how, who] = isRedirected
        ? [`${showUrl(url)} redirected to ${showUrl(to)}, at ${address},`, 'server']
        : [`${showUrl(url)} is at ${address},`, 'link'];
      throw new HelperError(
        'HTTP_FORBIDDEN',
        `${how} where such a ${who} may not lead; give that URL itself if it is meant, or save the .torrent and give it as torrent:PATH`,
      );
    },
    redirectedBy: (address) => permitOf(url, { kind: 'network', address }, true),
  };
}

function toFetchError(url: URL, thrown: unknown, attemptMs: number): HelperError {
  if (isBug(thrown) || thrown instanceof HelperError) return toHelperError(thrown);
  if (thrown instanceof HttpError) return httpError(url, thrown.failure);
  if (!(thrown instanceof DeadlinePassed)) return unreachable(url, thrown);
  return new HelperError('HTTP_TIMEOUT', `${showUrl(url)} took longer than ${attemptMs / 1000} s`);
}

function httpError(url: URL, failure: HttpFailure): HelperError {
  switch (failure.kind) {
    case 'status':
      return new HelperError(
        'HTTP_STATUS',
        `${showUrl(failure.url)} answered with status ${failure.statusCode}`,
      );
    case 'tooManyRedirects':
      return new HelperError(
        'HTTP_REDIRECTS',
        `${showUrl(failure.url)} redirected more than ${failure.maxRedirects} times`,
      );
    case 'badRedirect': {
      const protocol = failure.to?.protocol;
      const where = protocol === undefined ? 'something that is no URL' : `a ${protocol} URL`;
      return new HelperError(
        'HTTP_REDIRECTS',
        `${showUrl(failure.url)} redirected to ${where}; only HTTP and magnet links are followed`,
      );
    }
    case 'tooLarge':
      return new HelperError(
        'TOO_LARGE',
        'the answer is larger than 32 MiB, so it is no .torrent file',
      );
    case 'undecodable':
      return unreachable(url, failure.cause);
  }
}

function unreachable(url: URL, cause: unknown): HelperError {
  // Where several addresses were tried, there is a code and no message.
  const reason = (cause instanceof Error && cause.message) || systemCode(cause) || String(cause);
  return new HelperError('HTTP_UNREACHABLE', `${showUrl(url)} could not be fetched: ${reason}`, {
    cause,
  });
}
