// The bottom of the chain of interceptors: sends a GET to where it is to go, straight or by the proxy that the
// environment names. The one file that loads undici, and that when first needed: it takes longer than the rest.
import querystring from 'node:querystring';
import type { Dispatcher } from 'undici';
import { literalAddress, type Permit } from '../net/reach.js';
import { type ResolveHost, resolveHost } from '../net/resolve-host.js';
import { dispatchDirectly } from './direct.js';
import { createLenientConnections } from './lenient.js';

export interface HttpRequest extends Dispatcher.DispatchOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookie?: string | undefined;
  /** On whose word: asked of each address before anything is sent there. */
  readonly permit?: Permit | undefined;
  /** Told of each server just before it is asked: its address; undefined: a proxy knows it. */
  readonly onServer?: ((address: string | undefined) => void) | undefined;
  /** Told that the server of `origin` has answered plainly at this address: see plain/plain-client.ts. */
  readonly onPlain?: ((origin: string, address: string) => void) | undefined;
  /** Nobody waits any more: no further address is tried. */
  readonly signal?: AbortSignal | undefined;
}

export type Dispatch = (options: HttpRequest, handler: Dispatcher.DispatchHandler) => boolean;

export type Interceptor = (dispatch: Dispatch) => Dispatch;

export interface ConnectionOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** As many as there are requests under way when left out. */
  readonly connectionsPerOrigin?: number;
  /** How long a connection waits for the next request at most; 10 s when left out. */
  readonly mostIdleMs?: number;
  /** Whether http: goes through a tunnel too: many proxies let CONNECT through to the HTTPS port alone. */
  readonly hasTunnel: boolean;
  /** Where to connect for a URL; left out, the proxy if any, else what the URL says. */
  readonly route?: (url: URL) => HttpRoute;
  /** For tests; the system's when left out. */
  readonly resolve?: ResolveHost | undefined;
}

export interface HttpRoute {
  /** `http://host:port`; the server hears the host of the URL nevertheless. */
  readonly origin: string;
  /** By no proxy. */
  readonly isDirect: boolean;
  /** It leads to a server of our own, whoever asks for it. */
  readonly isTrusted?: boolean;
}

export interface Connections {
  readonly dispatch: Dispatch;
  /** Cuts every connection; requests under way fail, later ones too. Never rejects. */
  close(): Promise<void>;
}

/** The agent of proxies has handlers of another kind, so this is what goes back. */
interface ProxiedRequest extends HttpRequest {
  readonly handBack?: () => void;
}

/** Servers may offer an hour, and there is one for each tracker: what is asked of one comes all at once, and then not for long. */
const mostIdleMs = 10_000;

export async function openConnections(options: ConnectionOptions): Promise<Connections> {
  const undici = await import('undici');
  const { Agent, EnvHttpProxyAgent, Pool, errors } = undici;
  const connections = options.connectionsPerOrigin ?? null;
  const keepAliveMaxTimeout = options.mostIdleMs ?? mostIdleMs;
  const direct = new Agent({ connections, keepAliveMaxTimeout });
  const lenient = createLenientConnections(connections);
  const dispatchDirect = dispatchDirectly({
    resolve: options.resolve ?? resolveHost,
    dispatch: lenient.after((request, handler) => direct.dispatch(request, handler)),
  });
  /** How the agent of the environment's proxies hands back what they do not concern. */
  class Direct extends undici.Dispatcher {
    constructor(readonly origin: URL) {
      super();
    }
    override dispatch({ handBack }: ProxiedRequest): boolean {
      // Nothing stays open here, so the agent need not remember the origin.
      const over = new errors.InformationalError('it was handed back');
      queueMicrotask(() => this.emit('disconnect', this.origin, [this], over));
      handBack?.();
      return true;
    }
    override async close(): Promise<void> {}
    override async destroy(): Promise<void> {}
  }
  // When first needed: where the proxy of the environment is no URL, what needs none of it works.
  let proxied: Dispatcher | undefined;
  const createProxied = () =>
    new EnvHttpProxyAgent({
      connections,
      proxyTunnel: options.hasTunnel,
      factory: (origin, made) =>
        connectsItself(made)
          ? new Pool(origin, { ...made, keepAliveMaxTimeout })
          : new Direct(new URL(origin)),
    });
  let isClosed = false;
  return {
    dispatch(asked, handler) {
      if (isClosed) throw new Error('the connections were closed');
      const url = requestUrl(asked);
      const route = options.route?.(url) ?? { origin: url.origin, isDirect: false };
      const { origin, isDirect, isTrusted = false } = route;
      const cookie = asked.cookie === undefined ? {} : { cookie: asked.cookie };
      const headers = { ...options.headers, host: url.host, ...authorization(url), ...cookie };
      const permit = isTrusted ? undefined : asked.permit;
      const next = { ...asked, origin, headers, permit };
      if (isDirect) return dispatchDirect(next, handler);
      // Where a proxy connects to a name is its own affair.
      const address = literalAddress(url.hostname);
      if (address !== undefined) permit?.check(url, address);
      asked.onServer?.(address);
      proxied ??= createProxied();
      const request: ProxiedRequest = { ...next, handBack: () => dispatchDirect(next, handler) };
      return proxied.dispatch(request, handler);
    },
    async close() {
      isClosed = true;
      lenient.destroy();
      await Promise.allSettled([direct.destroy(), proxied?.destroy()]);
    },
  };
}

/** Whether a connection to an origin is one to a proxy, or through it. */
function connectsItself(options: object): boolean {
  return 'connect' in options && options.connect !== undefined;
}

/** A request for `url`, as interceptors hand it on: whole, its credentials in the origin. */
export function requestFor(url: URL): HttpRequest {
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
