// Follows redirects. Not undici's `redirect`: it reads a redirect's body to its end before it follows, drops the
// credentials that a Location names, and ends a loop with an error of its own after one round.
import { type Interceptor, requestFor, requestUrl } from './connections.js';
import { FetchCookies } from './cookies.js';
import { discardResponse } from './discard-response.js';
import { HttpError } from './http-error.js';
import { redirectLocation } from './location.js';

/** To HTTP alone. The same server hears the credentials again, and the cookies that it set on the way; another one never. */
export function redirect(maxRedirects: number): Interceptor {
  return (dispatch) => (first, handler) => {
    const cookies = new FetchCookies();
    const follow = (options: typeof first, redirects: number): boolean => {
      let server: string | undefined;
      const onServer = (address: string | undefined) => {
        server = address;
        first.onServer?.(address);
      };
      return dispatch(
        { ...options, onServer },
        discardResponse(handler, (controller, statusCode, headers) => {
          const location = redirectLocation(statusCode, headers);
          if (location === undefined) return undefined;
          if (redirects === maxRedirects) {
            throw new HttpError({ kind: 'tooManyRedirects', url: requestUrl(first), maxRedirects });
          }
          const permit = options.permit?.redirectedBy(server);
          const from = requestUrl(options);
          cookies.keep(from, headers['set-cookie'] ?? []);
          const to = redirected(from, location, server);
          const next = { ...options, ...requestFor(to), permit, cookie: cookies.for(to) };
          return () => {
            try {
              follow(next, redirects + 1);
            } catch (thrown) {
              handler.onResponseError?.(controller, toError(thrown));
            }
          };
        }),
      );
    };
    return follow(first, 0);
  };
}

function redirected(from: URL, location: string, server: string | undefined): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:') {
    throw new HttpError({ kind: 'badRedirect', url: from, to, server });
  }
  if (to.origin === from.origin) {
    to.username ||= from.username;
    to.password ||= from.password;
  }
  return to;
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
