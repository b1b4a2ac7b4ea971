// One attempt at fetching a URL: follows redirects, tells answers from failures, and leaves no socket behind.
// Whether and when to try again is for the caller.
import querystring from 'node:querystring';
import type { Dispatcher } from 'undici';
import { HelperError, systemCode, toHelperError } from '../errors.js';
import { acceptEncoding, readBody } from './read-body.js';
import { retryAfterMs } from './retry-after.js';
import { showUrl } from './show-url.js';

const maxRedirects = 5;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

export type Answer =
  | { readonly kind: 'fetched'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'failed';
      readonly error: HelperError;
      /** Whether another attempt may fare better. */
      readonly mayPass: boolean;
      /** How long the server asks to wait before it. */
      readonly retryAfterMs?: number | undefined;
    };

/** Asks for `url`, within `timeoutMs` in all. Rejects only with the signal's reason, once it aborts. */
export async function requestUrl(
  url: URL,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Answer> {
  signal.throwIfAborted();
  // Loaded when first needed: it takes longer to load than the rest of the helper.
  const { EnvHttpProxyAgent } = await import('undici');
  const deadline = new AbortController();
  const abort = () => deadline.abort();
  const timer = setTimeout(abort, timeoutMs);
  signal.addEventListener('abort', abort);
  let agent: Dispatcher | undefined;
  try {
    signal.throwIfAborted();
    // Without a tunnel: many proxies let CONNECT through to the HTTPS port alone.
    const proxied = new EnvHttpProxyAgent({ proxyTunnel: false });
    agent = proxied;
    return await follow(url, (next) => proxied.request(requestFor(next, deadline.signal)));
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof HelperError || isBug(thrown)) {
      return { kind: 'failed', error: toHelperError(thrown), mayPass: false };
    }
    const error = deadline.signal.aborted ? timedOut(url, timeoutMs) : unreachable(url, thrown);
    return { kind: 'failed', error, mayPass: true };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    await agent?.destroy();
  }
}

/** Networks fail with a code; what has none is our own mistake, and trying again does not mend it. */
function isBug(thrown: unknown): boolean {
  return thrown instanceof TypeError && systemCode(thrown) === undefined;
}

type Ask = (url: URL) => Promise<Dispatcher.ResponseData>;

async function follow(first: URL, ask: Ask): Promise<Answer> {
  let url = first;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const { statusCode, headers, body } = await ask(url);
    const { location, 'content-encoding': coding, 'content-length': lengthBytes } = headers;
    if (statusCode >= 200 && statusCode < 300) {
      const bytes = await readBody(body, only(coding), Number(only(lengthBytes) ?? 0));
      return { kind: 'fetched', bytes };
    }
    // The body is of no use, and what it fails with when it is let go neither.
    body.on('error', () => {}).destroy();
    const next = only(location);
    if (!redirectStatuses.has(statusCode) || next === undefined) {
      return {
        kind: 'failed',
        error: new HelperError('HTTP_STATUS', `${showUrl(url)} answered with status ${statusCode}`),
        mayPass: statusCode === 429 || statusCode >= 500,
        retryAfterMs: retryAfterMs(only(headers['retry-after']), Date.now()),
      };
    }
    url = redirected(url, next);
  }
  throw new HelperError(
    'HTTP_REDIRECTS',
    `${showUrl(first)} redirected more than ${maxRedirects} times`,
  );
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:') {
    const where = to === undefined ? 'something that is no URL' : `a ${to.protocol} URL`;
    throw new HelperError(
      'HTTP_REDIRECTS',
      `${showUrl(from)} redirected to ${where}; only HTTP is followed`,
    );
  }
  // The same server may hear the credentials again, another one never.
  if (to.origin === from.origin) {
    to.username ||= from.username;
    to.password ||= from.password;
  }
  return to;
}

function requestFor(url: URL, signal: AbortSignal): Dispatcher.RequestOptions {
  const { origin, pathname, search } = url;
  return { origin, path: pathname + search, method: 'GET', headers: headersFor(url), signal };
}

function headersFor({ username, password }: URL): Record<string, string> {
  const headers = {
    'user-agent': 'bittorrent-helper',
    accept: '*/*',
    'accept-encoding': acceptEncoding,
  };
  if (username === '' && password === '') return headers;
  const credentials = Buffer.from(
    `${querystring.unescape(username)}:${querystring.unescape(password)}`,
  ).toString('base64');
  return { ...headers, authorization: `Basic ${credentials}` };
}

function timedOut(url: URL, timeoutMs: number): HelperError {
  return new HelperError('HTTP_TIMEOUT', `${showUrl(url)} took longer than ${timeoutMs / 1000} s`);
}

function unreachable(url: URL, cause: unknown): HelperError {
  // Where several addresses were tried, there is a code and no message.
  const reason = (cause instanceof Error && cause.message) || systemCode(cause) || String(cause);
  return new HelperError('HTTP_UNREACHABLE', `${showUrl(url)} could not be fetched: ${reason}`, {
    cause,
  });
}

/** The value of a header that should come once. */
function only(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
