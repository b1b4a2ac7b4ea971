// Why nothing more comes of a job that is over.
import type { JobEnd } from '../../../machines/types.js';
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

function withCause(code: 'REMOVED' | 'CLOSED', message: string, cause: unknown): HelperError {
  return new HelperError(code, message, cause === undefined ? undefined : { cause });
}
