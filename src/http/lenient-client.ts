// Requests by node:http, with its lenient parser, as undici's dispatchers know them: whoever cannot be understood by undici is
// asked by it. It follows, decodes and bounds nothing.
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { type HttpRequest, requestUrl } from './connections.js';

export interface LenientClient {
  /** By a connection of its own, without credentials; its origin names an address, and the server's name as its user. */
  ask(request: HttpRequest, handler: Dispatcher.DispatchHandler): void;
  /** Requests under way fail, and later ones. */
  destroy(): void;
}

export function createLenientClient(mostPerOrigin: number | null): LenientClient {
  const options = { keepAlive: false, maxSockets: mostPerOrigin ?? Number.POSITIVE_INFINITY };
  const plain = new Agent(options);
  const secure = new TlsAgent(options);
  const underWay = new Set<LenientRequest>();
  let isClosed = false;
  return {
    ask(request, handler) {
      const asked = new LenientRequest(send(request, { plain, secure }), handler);
      underWay.add(asked);
      asked.sent.once('close', () => underWay.delete(asked));
      asked.start();
      if (isClosed) asked.abort(closed());
    },
    destroy() {
      isClosed = true;
      for (const asked of underWay) asked.abort(closed());
    },
  };
}

const closed = () => new Error('the connections were closed');

interface Agents {
  readonly plain: Agent;
  readonly secure: TlsAgent;
}

function send(request: HttpRequest, { plain, secure }: Agents): ClientRequest {
  const { protocol, username, hostname, port, pathname, search } = requestUrl(request);
  const { authorization, cookie, ...headers } = request.headers ?? {};
  const target = {
    host: withoutBrackets(hostname),
    port,
    path: pathname + search,
    headers,
    insecureHTTPParser: true,
  };
  if (protocol !== 'https:') return requestHttp({ ...target, agent: plain });
  const name = withoutBrackets(decodeURIComponent(username));
  return requestHttps({ ...target, agent: secure, servername: isIP(name) === 0 ? name : '' });
}

/** One request of node:http as undici's handlers know requests. */
class LenientRequest implements Dispatcher.DispatchController {
  aborted = false;
  reason: Error | null = null;
  #response: IncomingMessage | undefined;
  #isOver = false;

  constructor(
    readonly sent: ClientRequest,
    readonly handler: Dispatcher.DispatchHandler,
  ) {}

  get paused(): boolean {
    return this.#response?.isPaused() ?? false;
  }

  start(): void {
    this.sent.once('response', (response) => this.#answered(response));
    this.sent.on('error', (error) => this.#fail(error));
    this.handler.onRequestStart?.(this, {});
    if (!this.aborted) this.sent.end();
  }

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
    this.#fail(reason);
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  #answered(response: IncomingMessage): void {
    this.#response = response;
    const { statusCode = 0, headers, statusMessage } = response;
    response.on('error', (error) => this.#fail(error));
    response.on('data', (chunk: Buffer) => {
      this.#tell(() => this.handler.onResponseData?.(this, chunk));
    });
    response.once('end', () => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.handler.onResponseEnd?.(this, {});
    });
    this.#tell(() => this.handler.onResponseStart?.(this, statusCode, headers, statusMessage));
  }

  /** What a handler throws ends its request. */
  #tell(tell: () => void): void {
    if (this.#isOver) return;
    try {
      tell();
    } catch (thrown) {
      this.#fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.sent.destroy();
    this.handler.onResponseError?.(this, error);
  }
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
