// Sends a request straight to its server: to one address of its host after the other, until one takes the connection. So it
// is known where each request goes before it goes there, whether that is permitted too; and connections are shared by
// name and address, never by name alone.
import { isIPv6 } from 'node:net';
import type { Dispatcher } from 'undici';
import { permitted } from '../net/reach.js';
import type { ResolveHost } from '../net/resolve-host.js';
import { type Dispatch, type HttpRequest, requestUrl } from './connections.js';

export interface DirectOptions {
  readonly resolve: ResolveHost;
  /** Connects to addresses alone. `isLast`: there is none to be tried after it, so it is waited for longer. */
  readonly dispatch: (isLast: boolean, ...request: Parameters<Dispatch>) => boolean;
}

export function dispatchDirectly({ resolve, dispatch }: DirectOptions): Dispatch {
  return (request, handler) => {
    const url = requestUrl(request);
    const attempt = (addresses: readonly string[]) => {
      const [address, ...others] = permitted(request.permit, url, addresses);
      if (address === undefined) throw new Error(`${url.hostname} has no address`);
      const tryNext = others.length === 0 ? undefined : () => attempt(others);
      const next = { ...request, origin: originAt(url, address) };
      const told = new AddressHandler(request, handler, address, tryNext);
      dispatch(tryNext === undefined, next, told);
    };
    resolve(url.hostname)
      .then(attempt)
      .catch((thrown: unknown) => handler.onResponseError?.(neverStarted, toError(thrown)));
    return true;
  };
}

/** Says which address it is before the request goes there; if it cannot be connected to, it is the next one's turn. */
class AddressHandler implements Dispatcher.DispatchHandler {
  #isStarted = false;

  constructor(
    readonly request: HttpRequest,
    readonly handler: Dispatcher.DispatchHandler,
    readonly address: string,
    readonly tryNext: (() => void) | undefined,
  ) {}

  onRequestStart(...[controller, context]: Parameters<Handler['onRequestStart']>): void {
    this.#isStarted = true;
    this.request.onServer?.(this.address);
    this.handler.onRequestStart?.(controller, context);
  }

  onResponseStart(...started: Parameters<Handler['onResponseStart']>): void {
    this.handler.onResponseStart?.(...started);
  }

  onResponseData(...[controller, chunk]: Parameters<Handler['onResponseData']>): void {
    this.handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(...[controller, trailers]: Parameters<Handler['onResponseEnd']>): void {
    this.handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(...[controller, error]: Parameters<Handler['onResponseError']>): void {
    if (this.#isStarted || this.tryNext === undefined) {
      this.handler.onResponseError?.(controller, error);
      return;
    }
    try {
      this.tryNext();
    } catch (thrown) {
      this.handler.onResponseError?.(controller, toError(thrown));
    }
  }
}

type Handler = Required<Dispatcher.DispatchHandler>;

/** Of a request that came to no connection: there is nothing to abort. */
const neverStarted: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};

/**
 * The name stands where a user's would: connections are shared by whole origin, and servers of many names at one address, as
 * those of content networks, do not wait for each other.
 */
function originAt({ protocol, hostname, port }: URL, address: string): string {
  const host = isIPv6(address) ? `[${address}]` : address;
  const server = `${protocol}//${encodeURIComponent(hostname)}@${host}`;
  return port === '' ? server : `${server}:${port}`;
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
