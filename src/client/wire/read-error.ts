// Errors as the dialect says them, as the errors of this package: its own by their code, and JSON-RPC's by what they mean here.
import { type ErrorCode, HelperError, helpOf, isErrorCode, isRetryable } from '../../errors.js';
import type { EventError } from '../../helper/events/helper-event.js';
import { type Fields, fieldsOf, flagIn, numberIn, textIn } from './read-fields.js';

/** Of an answer: `{ code, message, data: { code, … } }`. */
export function readAnswerError(value: unknown): HelperError {
  const answer = fieldsOf(value);
  const { code, message } = readEventError({ ...answer, ...fieldsOf(answer.data) });
  return new HelperError(code, message);
}

/** Of an event, or of a job. */
export function readEventError(fields: Fields): EventError {
  const { code, message } = codeIn(fields, textIn(fields, 'message') ?? 'the helper said no more');
  const jobId = numberIn(fields, 'jobId');
  const path = textIn(fields, 'path');
  return {
    code,
    message,
    retryable: flagIn(fields, 'retryable') ?? isRetryable(code),
    help: textIn(fields, 'help') ?? helpOf(code),
    ...(jobId !== undefined && { jobId }),
    ...(path !== undefined && { path }),
  };
}

const cancelled = -32_800;

function codeIn(fields: Fields, message: string): { code: ErrorCode; message: string } {
  const code = textIn(fields, 'code');
  if (code === undefined) {
    // JSON-RPC's own: what was asked for is not what that helper takes.
    const number = numberIn(fields, 'code');
    const isOurs = number === cancelled;
    return { code: isOurs ? 'CLOSED' : 'PARAMS_INVALID', message: `${message} (${number})` };
  }
  // A newer helper may have more of them.
  return isErrorCode(code)
    ? { code, message }
    : { code: 'INTERNAL', message: `${code}: ${message}` };
}
