// Asks once more where the lines of an answer's head end with LF alone, as those of old scripts do: undici takes none of
// them, and node:http does if it is told to. The same server and address, on a connection of its own, without credentials.
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { systemCode } from '../errors.js';
import { type Dispatch, type HttpRequest, requestUrl } from './connections.js';

export interface LenientConnections {
  /** `dispatch`, whose origins are addresses; what fails there before an answer begins, by that fault, is asked once more. */
  after(dispatch: Dispatch): Dispatch;
  /** Requests under way fail. */
  destroy(): void;
}

/** `mostPerOrigin`: null for as many as there are requests. */
export function createLenientConnections(mostPerOrigin: number | null): LenientConnections {
  const options = { keepAlive: false, maxSockets: mostPerOrigin ?? Number.POSITIVE_INFINITY };
  const plain = new Agent(options);
  const secure = new TlsAgent(options);
  const underWay = new Set<LenientRequest>();
  const ask = (request: HttpRequest, handler: Dispatcher.DispatchHandler) => {
    const { protocol, username, hostname, port, pathname, search } = requestUrl(request);
    const { authorization, cookie, ...headers } = request.headers ?? {};
    const name = withoutBrackets(decodeURIComponent(username));
    const target = {
      host: withoutBrackets(hostname),
      port,
      path: pathname + search,
      headers,
      insecureHTTPParser: true,
    };
    const sent =
      protocol === 'https:'
        ? requestHttps({ ...target, agent: secure, servername: isIP(name) === 0 ? name : '' })
        : requestHttp({ ...target, agent: plain });
    const asked = new LenientRequest(sent, handler);
    underWay.add(asked);
    sent.once('close', () => underWay.delete(asked));
    asked.start();
  };
  return {
    after: (dispatch) => (request, handler) =>
      dispatch(request, new LineEndHandler(handler, () => ask(request, handler))),
    destroy() {
      for (const asked of underWay) asked.abort(new Error('the connections were closed'));
    },
  };
}

/** Hands everything on but that one fault. */
class LineEndHandler implements Dispatcher.DispatchHandler {
  #isAnswered = false;

  constructor(
    readonly handler: Dispatcher.DispatchHandler,
    readonly askAgain: () => void,
  ) {}

  onRequestStart(...started: Parameters<Handler['onRequestStart']>): void {
    this.handler.onRequestStart?.(...started);
  }

  onResponseStart(...started: Parameters<Handler['onResponseStart']>): void {
    this.#isAnswered = true;
    this.handler.onResponseStart?.(...started);
  }

  onResponseData(...data: Parameters<Handler['onResponseData']>): void {
    this.handler.onResponseData?.(...data);
  }

  onResponseEnd(...ended: Parameters<Handler['onResponseEnd']>): void {
    this.handler.onResponseEnd?.(...ended);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isAnswered || !mayBeLineEnds(error)) {
      this.handler.onResponseError?.(controller, error);
    } else {
      this.askAgain();
    }
  }
}

/**
 * By its text: the code of the parser does not come through. The last two are what it says where a line of the head, or the
 * empty one after it, ends so and the others do not.
 */
function mayBeLineEnds(error: Error): boolean {
  if (error.name !== 'HTTPParserError') {
    return systemCode(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  }
  return /Missing expected CR|Invalid response status|Invalid header field char/.test(
    error.message,
  );
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

type Handler = Required<Dispatcher.DispatchHandler>;
