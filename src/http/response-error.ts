// Answers that are neither a success nor a redirect become errors. Not undici's `responseError`: it reads the body to
// its end, however long that is and is in coming, and takes a redirect to nowhere for a success.
import { type Interceptor, requestUrl } from './connections.js';
import { discardResponse } from './discard-response.js';
import { HttpError } from './http-error.js';
import { redirectLocation } from './location.js';

export const responseError: Interceptor = (dispatch) => (options, handler) =>
  dispatch(
    options,
    discardResponse(handler, (controller, statusCode, headers) => {
      const isSuccess = statusCode < 300;
      if (isSuccess || redirectLocation(statusCode, headers) !== undefined) return undefined;
      const { 'retry-after': retryAfter } = headers;
      const url = requestUrl(options);
      const error = new HttpError({ kind: 'status', url, statusCode, retryAfter });
      return () => handler.onResponseError?.(controller, error);
    }),
  );
