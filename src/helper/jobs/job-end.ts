// Why nothing more comes of a job that is over.
import type { JobCommand, JobEnd } from '../../../machines/types.js';
import { HelperError } from '../../errors.js';
import type { Job } from './job.js';

/** Why it was ended, as those say who did; undefined where nobody said. */
export interface EndReasons {
  readonly removeReason: unknown;
  readonly closeReason: unknown;
}

export function endError(
  { id, file }: Pick<Job, 'id' | 'file'>,
  { end, failure }: JobEnd,
  { removeReason, closeReason }: EndReasons,
): HelperError {
  const job = `job ${id} (${file})`;
  switch (end) {
    case 'failed':
      return new HelperError(failure?.code ?? 'INTERNAL', failure?.message ?? `bug: ${job} failed`);
    case 'removed':
      return withCause('REMOVED', `${job} was removed before it was done`, removeReason);
    case 'stopped':
      return withCause('CLOSED', `the helper was closed before ${job} was done`, closeReason);
    case 'released':
      return new HelperError('CLOSED', `${job} was complete, and was let go, as nothing follows`);
  }
}

/** A command to a job that is over. `cause`: why it is. */
export function tooLate(
  { id, file }: Pick<Job, 'id' | 'file'>,
  { kind }: JobCommand,
  cause: HelperError,
): HelperError {
  const code = cause.code === 'CLOSED' ? 'CLOSED' : 'JOB_UNKNOWN';
  return new HelperError(code, `${kind}: job ${id} (${file}) is over`, { cause });
}

function withCause(code: 'REMOVED' | 'CLOSED', message: string, cause: unknown): HelperError {
  return new HelperError(code, message, cause === undefined ? undefined : { cause });
}
