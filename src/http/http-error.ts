// What an answer over HTTP can be refused for, as data: whoever asked puts it into words of its own. What the network
// fails with, and what an aborted signal says, is no HttpError.

export type HttpFailure =
  | {
      readonly kind: 'status';
      readonly url: URL;
      readonly statusCode: number;
      /** As the header stands. */
      readonly retryAfter: string | undefined;
    }
  | { readonly kind: 'tooManyRedirects'; readonly url: URL; readonly maxRedirects: number }
  /** Redirected from `url` to what is no URL (undefined), or none of HTTP, by `server`: its address, if that is known. */
  | {
      readonly kind: 'badRedirect';
      readonly url: URL;
      readonly to: URL | undefined;
      readonly server: string | undefined;
    }
  /** Of a body that was decoded, `coding` says how. */
  | { readonly kind: 'tooLarge'; readonly coding: string | undefined }
  | { readonly kind: 'undecodable'; readonly coding: string; readonly cause: Error };

export class HttpError extends Error {
  constructor(readonly failure: HttpFailure) {
    super(failure.kind === 'undecodable' ? failure.cause.message : failure.kind, {
      cause: failure.kind === 'undecodable' ? failure.cause : undefined,
    });
  }
}
