// Decodes a body, and bounds what comes out: a few bytes may unfold to gigabytes. Not undici's `decompress`: it warns
// on stderr that it is experimental, and bounds only what was encoded. Whoever takes the body does not pause it.
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { Interceptor } from './connections.js';
import { HttpError } from './http-error.js';

/** For the header of that name: what is decoded. */
export const acceptEncoding = 'gzip, deflate, br';

/** By the first byte of a body. */
const decoders = new Map<string, (first: number) => Transform>([
  ['gzip', () => createGunzip()],
  // The name stands for zlib (RFC 9110, 8.4.1.2), whose streams begin so; some servers leave its header out.
  ['deflate', (first) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
]);

/**
 * A body whose content coding is unknown is taken as it stands: some servers write nonsense there. One that is larger
 * than `maxBodyBytes`, decoded or as announced, is an HttpError.
 */
export function decodeBody(maxBodyBytes: number): Interceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, new BodyDecoder(handler, maxBodyBytes));
}

class BodyDecoder implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #maxBodyBytes: number;
  #coding: string | undefined;
  #decoder: Transform | undefined;
  #sizeBytes = 0;
  #isOver = false;

  constructor(handler: Dispatcher.DispatchHandler, maxBodyBytes: number) {
    this.#handler = handler;
    this.#maxBodyBytes = maxBodyBytes;
  }

  onRequestStart(...started: Parameters<Started>): void {
    this.#handler.onRequestStart?.(...started);
  }

  onResponseStart(...[controller, statusCode, headers, message]: Parameters<Answered>): void {
    if (statusCode >= 200) {
      const [coding] = [headers['content-encoding']].flat();
      this.#coding = coding?.trim().toLowerCase().replace(/^x-/, '');
      if (Number(headers['content-length']) > this.#maxBodyBytes) throw this.#tooLarge();
    }
    this.#handler.onResponseStart?.(controller, statusCode, headers, message);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#decoder ??= this.#createDecoder(controller, chunk);
    if (this.#decoder === undefined) this.#pass(controller, chunk);
    else if (!this.#decoder.write(chunk)) controller.pause();
  }

  onResponseEnd(...ended: Parameters<Ended>): void {
    if (this.#decoder === undefined) this.#end(...ended);
    else this.#decoder.once('end', () => this.#end(...ended)).end();
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#decoder?.destroy();
    this.#handler.onResponseError?.(controller, error);
  }

  #createDecoder(controller: Dispatcher.DispatchController, start: Buffer): Transform | undefined {
    const coding = this.#coding ?? '';
    const [first] = start;
    if (first === undefined) return undefined;
    return decoders
      .get(coding)?.(first)
      .on('data', (chunk: Buffer) => this.#pass(controller, chunk))
      .on('drain', () => controller.resume())
      .on('error', (cause) => {
        this.#fail(controller, new HttpError({ kind: 'undecodable', coding, cause }));
      });
  }

  #pass(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return;
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > this.#maxBodyBytes) this.#fail(controller, this.#tooLarge());
    else this.#handler.onResponseData?.(controller, chunk);
  }

  #end(...ended: Parameters<Ended>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onResponseEnd?.(...ended);
  }

  /** What has come whole already can no longer be aborted. */
  #fail(controller: Dispatcher.DispatchController, error: HttpError): void {
    this.onResponseError(controller, error);
    controller.abort(error);
  }

  #tooLarge(): HttpError {
    const coding = this.#decoder === undefined ? undefined : this.#coding;
    return new HttpError({ kind: 'tooLarge', coding });
  }
}

type Handler = Required<Dispatcher.DispatchHandler>;
type Started = Handler['onRequestStart'];
type Answered = Handler['onResponseStart'];
type Ended = Handler['onResponseEnd'];
