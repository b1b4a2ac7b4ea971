// The one HTTP client, of .torrent files and of trackers: a chain of interceptors as undici has them, over its
// connections. It knows neither torrents nor how long to wait: that is for the signal.
import type { Dispatcher } from 'undici';
import type { Permit } from '../net/reach.js';
import {
  type ConnectionOptions,
  type Connections,
  type Dispatch,
  type HttpRequest,
  type Interceptor,
  openConnections,
  requestFor,
} from './connections.js';
import { decodeBody } from './decode-body.js';
import { redirect } from './redirect.js';
import { responseError } from './response-error.js';

export interface HttpClientOptions extends ConnectionOptions {
  /** How large a body may be once it is decoded. */
  readonly maxBodyBytes: number;
  readonly maxRedirects: number;
}

export interface HttpAnswer {
  /** Decoded. */
  readonly body: Uint8Array;
  /** The address of the server that gave it; undefined where only a proxy knows it. */
  readonly from: string | undefined;
}

type OnBytes = (bytes: number) => void;

type OnPlain = (origin: string, address: string) => void;

export interface HttpClient {
  /**
   * What is at `url`, redirects followed; `permit`: left out, it may be anywhere, and so may what it redirects to.
   * `onBytes` is told of how many bytes of the body have come; what it throws ends the request. `onPlain`: of servers on the
   * way that a plain client can ask, too.
   *
   * @throws HttpError; what `permit` or `onBytes` says; what the network fails with; the signal's reason once it aborts
   */
  get(
    url: URL,
    signal: AbortSignal,
    permit?: Permit,
    onBytes?: OnBytes,
    onPlain?: OnPlain,
  ): Promise<HttpAnswer>;
  /** Cuts every connection; requests under way fail. Never rejects. */
  close(): Promise<void>;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  // From the wire outwards.
  const interceptors: readonly Interceptor[] = [
    responseError,
    redirect(options.maxRedirects),
    decodeBody(options.maxBodyBytes),
  ];
  let connections: Promise<Connections> | undefined;
  return {
    async get(url, signal, permit, onBytes, onPlain) {
      connections ??= openConnections(options);
      const { dispatch } = await connections;
      const intercepted = interceptors.reduce((inner, intercept) => intercept(inner), dispatch);
      let from: string | undefined;
      const request = {
        ...requestFor(url),
        permit,
        signal,
        onPlain,
        onServer: (address: string | undefined) => {
          from = address;
        },
      };
      const body = await collect(intercepted, request, signal, onBytes);
      return { body, from };
    },
    async close() {
      await (await connections?.catch(() => undefined))?.close();
    },
  };
}

/** Sends a request, and gathers the body of its answer. */
function collect(
  dispatch: Dispatch,
  request: HttpRequest,
  signal: AbortSignal,
  onBytes: OnBytes | undefined,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let underWay: Dispatcher.DispatchController | undefined;
  let onAbort = () => {};
  const body = new Promise<Uint8Array>((resolve, reject) => {
    // A request that waits for a connection has no controller yet, and is not waited for.
    onAbort = () => {
      reject(signal.reason);
      underWay?.abort(signal.reason);
    };
    signal.addEventListener('abort', onAbort);
    dispatch(request, {
      onRequestStart(controller) {
        underWay = controller;
        if (signal.aborted) controller.abort(signal.reason);
      },
      onResponseData(controller, chunk) {
        sizeBytes += chunk.length;
        try {
          onBytes?.(sizeBytes);
          chunks.push(chunk);
        } catch (thrown) {
          chunks.length = 0;
          reject(thrown);
          controller.abort(new Error('this body is not wanted'));
        }
      },
      onResponseEnd: () => resolve(Buffer.concat(chunks)),
      onResponseError: (_, error) => reject(error),
    });
  });
  return body.finally(() => signal.removeEventListener('abort', onAbort));
}
