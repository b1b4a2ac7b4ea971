// The bottom of the chain of interceptors: sends a GET to where it is to go, straight or by the proxy that the
// environment names. The one file that loads undici, and that when first needed: it takes longer than the rest.
import querystring from 'node:querystring';
import type { Dispatcher } from 'undici';

export type Dispatch = (
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
) => boolean;

export type Interceptor = (dispatch: Dispatch) => Dispatch;

export interface ConnectionOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** As many as there are requests under way when left out. */
  readonly connectionsPerOrigin?: number;
  /** Whether http: goes through a tunnel too: many proxies let CONNECT through to the HTTPS port alone. */
  readonly hasTunnel: boolean;
  /** Where to connect for a URL; left out, the proxy if any, else what the URL says. */
  readonly route?: (url: URL) => HttpRoute;
}

export interface HttpRoute {
  /** `http://host:port`; the server hears the host of the URL nevertheless. */
  readonly origin: string;
  /** By no proxy. */
  readonly isDirect: boolean;
}

export interface Connections {
  readonly dispatch: Dispatch;
  /** Cuts every connection; requests under way fail, later ones too. Never rejects. */
  close(): Promise<void>;
}

export async function openConnections(options: ConnectionOptions): Promise<Connections> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const connections = options.connectionsPerOrigin ?? null;
  const proxyTunnel = options.hasTunnel;
  // Each when first needed: where the proxy of the environment is no URL, what needs none of it works.
  let direct: Dispatcher | undefined;
  let proxied: Dispatcher | undefined;
  let isClosed = false;
  return {
    dispatch(request, handler) {
      if (isClosed) throw new Error('the connections were closed');
      const url = requestUrl(request);
      const { origin, isDirect } = options.route?.(url) ?? { origin: url.origin, isDirect: false };
      if (isDirect) direct ??= new Agent({ connections });
      else proxied ??= new EnvHttpProxyAgent({ connections, proxyTunnel });
      const headers = { ...options.headers, host: url.host, ...authorization(url) };
      const agent = isDirect ? direct : proxied;
      return agent?.dispatch({ ...request, origin, headers }, handler) ?? false;
    },
    async close() {
      isClosed = true;
      await Promise.allSettled([direct?.destroy(), proxied?.destroy()]);
    },
  };
}

/** A request for `url`, as interceptors hand it on: whole, its credentials in the origin. */
export function requestFor(url: URL): Dispatcher.DispatchOptions {
  return { origin: url, path: url.pathname + url.search, method: 'GET' };
}

/** The URL that a request is for, the credentials in it. */
export function requestUrl({ origin = '', path }: Dispatcher.DispatchOptions): URL {
  const server = new URL(origin);
  const url = new URL(server.origin + path);
  url.username = server.username;
  url.password = server.password;
  return url;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  // Not decodeURIComponent: it throws at a % that encodes nothing.
  const credentials = `${querystring.unescape(username)}:${querystring.unescape(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
