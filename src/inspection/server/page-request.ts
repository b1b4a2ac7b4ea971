// Whom the page is given: a browser that was told the token, and that asks for itself. A site that is open in the same browser is
// refused by what browsers say of it, whatever name it has given to this address (DNS rebinding).
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

export type PageRequest =
  /** `name`: what is asked for, below the token. */
  | { readonly kind: 'granted'; readonly name: string }
  /** The page is meant, but the names in it are relative to what ends with a slash. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'refused'; readonly status: 403 | 405 };

const hostNames = ['127.0.0.1', 'localhost', '[::1]'];

export function readPageRequest(
  { method, url = '', headers, socket }: IncomingMessage,
  token: string,
): PageRequest {
  const [path = ''] = url.split('?');
  const [, given = '', ...rest] = path.split('/');
  if (!isToUs(headers, socket.localPort) || !isFromUs(headers) || !isSame(given, token)) {
    return { kind: 'refused', status: 403 };
  }
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'refused', status: 405 };
  return rest.length === 0 ? { kind: 'moved' } : { kind: 'granted', name: rest.join('/') };
}

function isToUs({ host, origin }: IncomingHttpHeaders, port: number | undefined): boolean {
  // A browser leaves out the port that is usual.
  const hosts = hostNames.map((name) => (port === 80 ? name : `${name}:${port}`));
  const isOurs = host !== undefined && hosts.includes(host);
  return isOurs && (origin === undefined || origin === `http://${host}`);
}

/** A link may lead here from anywhere; no other site may have any of it within itself. */
function isFromUs(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site === 'none' || site === 'same-origin') return true;
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
