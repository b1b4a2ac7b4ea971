// A handler that lets a response through to the next one, or discards it, body and all, for something else to be done.
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** What to do in place of handing the response on, once it is out of the way; undefined to hand it on. */
export type Verdict = (
  controller: Dispatcher.DispatchController,
  statusCode: number,
  headers: IncomingHttpHeaders,
) => (() => void) | undefined;

export function discardResponse(
  handler: Dispatcher.DispatchHandler,
  verdict: Verdict,
): Dispatcher.DispatchHandler {
  let instead: (() => void) | undefined;
  return {
    onRequestStart(controller, context) {
      handler.onRequestStart?.(controller, context);
    },
    onResponseStart(controller, statusCode, headers, statusMessage) {
      const isInformational = statusCode < 200;
      instead = isInformational ? undefined : verdict(controller, statusCode, headers);
      if (instead === undefined) {
        handler.onResponseStart?.(controller, statusCode, headers, statusMessage);
      } else {
        // A body that has come already leaves the connection in order; any other is not waited for.
        setImmediate(() => controller.abort(new Error('this body is of no use')));
      }
    },
    onResponseData(controller, chunk) {
      if (instead === undefined) handler.onResponseData?.(controller, chunk);
    },
    onResponseEnd(controller, trailers) {
      if (instead === undefined) handler.onResponseEnd?.(controller, trailers);
      else instead();
    },
    onResponseError(controller, error) {
      if (instead === undefined) handler.onResponseError?.(controller, error);
      else instead();
    },
  };
}
