// One connection to a helper: requests out, answers and notifications in, JSON-RPC 2.0, an object a line. It knows no method,
// and never tries again: what waits for an answer when the connection ends rejects with HELPER_LOST.
import type { Readable, Writable } from 'node:stream';
import { createDeferred, type Deferred } from '../../async/deferred.js';
import { HelperError } from '../../errors.js';
import { takeLines } from './lines-in.js';
import { readAnswerError } from './read-error.js';
import { type Fields, fieldsOf, numberIn, textIn } from './read-fields.js';

export interface HelperConnection {
  /**
   * Rejects with a HelperError. An abort cancels it there, too. `take`: hears the result in its place among what is told; whoever
   * waits for the promise may hear later lines first.
   */
  request(
    method: string,
    params?: Fields,
    signal?: AbortSignal,
    take?: (result: unknown) => void,
  ): Promise<unknown>;
  /** Resolves when the helper says no more, once all that it said was heard. */
  readonly ended: Promise<void>;
}

interface Waiting extends Deferred<unknown> {
  readonly take: ((result: unknown) => void) | undefined;
}

export interface ConnectionParts {
  readonly input: Readable;
  readonly output: Writable;
  readonly onNotification: (method: string, params: Fields) => void;
}

export function createConnection({
  input,
  output,
  onNotification,
}: ConnectionParts): HelperConnection {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let isOver = false;

  const write = (message: Fields) => {
    output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  const hear = (line: string) => {
    const message = parse(line);
    const method = textIn(message, 'method');
    if (method !== undefined) {
      onNotification(method, fieldsOf(message.params));
      return;
    }
    const id = numberIn(message, 'id') ?? 0;
    const request = waiting.get(id);
    waiting.delete(id);
    if (message.error === undefined) {
      request?.take?.(message.result);
      request?.resolve(message.result);
    } else request?.reject(readAnswerError(message.error));
  };

  // Told by its reading end; the writing end may break sooner.
  output.on('error', () => {});
  const ended = takeLines(input, hear).then(() => {
    isOver = true;
    for (const request of waiting.values()) request.reject(lostError());
    waiting.clear();
  });

  return {
    ended,
    request(method, params = {}, signal, take) {
      if (isOver) return Promise.reject(lostError());
      if (signal?.aborted) return Promise.reject(cancelledError(method, signal.reason));
      lastId += 1;
      const id = lastId;
      const request: Waiting = { ...createDeferred<unknown>(), take };
      waiting.set(id, request);
      write({ id, method, params });
      if (!signal) return request.promise;
      const cancel = () => {
        if (!waiting.delete(id)) return;
        write({ method: '$/cancel', params: { id } });
        request.reject(cancelledError(method, signal.reason));
      };
      signal.addEventListener('abort', cancel, { once: true });
      return request.promise.finally(() => signal.removeEventListener('abort', cancel));
    },
  };
}

export function lostError(
  why = 'its process has ended, or its connection was closed',
): HelperError {
  return new HelperError('HELPER_LOST', `the helper is gone: ${why}`);
}

function cancelledError(method: string, reason: unknown): HelperError {
  return new HelperError('CLOSED', `${method} was cancelled`, { cause: reason });
}

/** What is no JSON object says nothing: a program that stands in between may have said it. */
function parse(line: string): Fields {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return {};
  }
}
