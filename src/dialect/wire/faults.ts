// Why a request could not be done, as it is answered.
import { HelperError } from '../../errors.js';
import { type Fault, rpcCodes } from './write-message.js';

/** `jobId`: of the job that it was asked of. */
export function faultOf({ code, message, retryable, help }: HelperError, jobId?: number): Fault {
  return {
    code: code === 'INTERNAL' ? rpcCodes.internalError : rpcCodes.helperError,
    message,
    data: { code, retryable, ...(jobId !== undefined && { jobId }), help },
  };
}

export const cancelled: Fault = {
  code: rpcCodes.requestCancelled,
  message: 'the request was cancelled',
};

/** `what`: that was asked for over a connection that may only read. */
export function controlDenied(what: string): HelperError {
  return new HelperError(
    'CONTROL_DENIED',
    `${what}: this connection may only read; --socket-control lets those who connect change something`,
  );
}
