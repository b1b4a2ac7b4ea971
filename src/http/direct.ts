// Sends a request straight to its server: to whichever address of its host is the first to take a connection. So it is
// known where each request goes before it goes there, whether that is permitted too; and connections are shared by name
// and address, never by name alone.
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Dispatcher } from 'undici';
import { type Heat, raceAddresses } from '../net/race-addresses.js';
import type { ResolveHost } from '../net/resolve-host.js';
import { type Dispatch, type HttpRequest, requestUrl } from './connections.js';

export interface DirectOptions {
  readonly resolve: ResolveHost;
  /** Connects to addresses alone. */
  readonly dispatch: Dispatch;
}

export function dispatchDirectly({ resolve, dispatch }: DirectOptions): Dispatch {
  return (request, handler) => {
    const url = requestUrl(request);
    const attempt = (address: string, heat: Heat) =>
      new Promise<void>((started, failed) => {
        request.permit?.check(url, address);
        const told = new AddressHandler(request, handler, address, heat, started, failed);
        dispatch({ ...request, origin: originAt(url, address) }, told);
      });
    const start = async () => {
      const addresses = await resolve(url.hostname);
      if (addresses.length === 0) throw new Error(`${url.hostname} has no address`);
      await raceAddresses(`${url.protocol}//${url.host}`, addresses, attempt, request.signal);
    };
    start().catch((thrown: unknown) => handler.onResponseError?.(neverStarted, toError(thrown)));
    return true;
  };
}

/** Says which address it is before the request goes there, and nothing where another was the first to be connected to. */
class AddressHandler implements Dispatcher.DispatchHandler {
  #hasWon = false;

  constructor(
    readonly request: HttpRequest,
    readonly handler: Dispatcher.DispatchHandler,
    readonly address: string,
    readonly heat: Heat,
    readonly started: () => void,
    readonly failed: (error: Error) => void,
  ) {}

  onRequestStart(...[controller, context]: Parameters<Handler['onRequestStart']>): void {
    this.#hasWon = this.heat.won();
    if (!this.#hasWon) {
      // Nothing has been sent; the connection is closed.
      controller.abort(new Error('another address was quicker'));
      return;
    }
    this.started();
    this.request.onServer?.(this.address);
    this.handler.onRequestStart?.(controller, context);
  }

  onResponseStart(...started: Parameters<Handler['onResponseStart']>): void {
    if (!this.#hasWon) return;
    const [, statusCode, headers] = started;
    const { onPlain } = this.request;
    if (onPlain !== undefined && statusCode === 200 && isPlain(headers)) {
      const { protocol, host } = requestUrl(this.request);
      if (protocol === 'http:') onPlain(`http://${host}`, this.address);
    }
    this.handler.onResponseStart?.(...started);
  }

  onResponseData(...[controller, chunk]: Parameters<Handler['onResponseData']>): void {
    if (this.#hasWon) this.handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(...[controller, trailers]: Parameters<Handler['onResponseEnd']>): void {
    if (this.#hasWon) this.handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(...[controller, error]: Parameters<Handler['onResponseError']>): void {
    if (this.#hasWon) this.handler.onResponseError?.(controller, error);
    else this.failed(error);
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

/** Of a connection that goes on, and of a body that comes as it is, in a piece of known length. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  return (
    headers['content-length'] !== undefined &&
    headers['content-encoding'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    !/close/i.test(headers.connection ?? '')
  );
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
