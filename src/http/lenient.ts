// Asks once more where the lines of an answer's head end with LF alone, as those of old scripts do: undici takes none of
// them, and node:http does if it is told to. The same server and address, on a connection of its own, without credentials.
import type { Dispatcher } from 'undici';
import { systemCode } from '../errors.js';
import type { Dispatch, HttpRequest } from './connections.js';
import type { LenientClient } from './lenient-client.js';

export interface LenientConnections {
  /** `dispatch`, whose origins are addresses; what fails there before an answer begins, by that fault, is asked once more. */
  after(dispatch: Dispatch): Dispatch;
  /** Requests under way fail. */
  destroy(): void;
}

/** `mostPerOrigin`: null for as many as there are requests. */
export function createLenientConnections(mostPerOrigin: number | null): LenientConnections {
  let client: Promise<LenientClient> | undefined;
  // When first needed: few ever are, and what it stands on takes longer to load than the rest.
  const load = async () => {
    const { createLenientClient } = await import('./lenient-client.js');
    return createLenientClient(mostPerOrigin);
  };
  const ask = async (request: HttpRequest, handler: Dispatcher.DispatchHandler) => {
    client ??= load();
    (await client).ask(request, handler);
  };
  return {
    after: (dispatch) => (request, handler) =>
      dispatch(request, new LineEndHandler(handler, () => ask(request, handler))),
    destroy: () => void client?.then((loaded) => loaded.destroy()),
  };
}

/** Hands everything on but that one fault. */
class LineEndHandler implements Dispatcher.DispatchHandler {
  #isAnswered = false;

  constructor(
    readonly handler: Dispatcher.DispatchHandler,
    readonly askAgain: () => Promise<void>,
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
      this.askAgain().catch(() => this.handler.onResponseError?.(controller, error));
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

type Handler = Required<Dispatcher.DispatchHandler>;
