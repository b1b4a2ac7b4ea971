// What goes wrong, as an event tells it: its code, what to do, and what it happened to.
import type { Failure } from '../../../machines/types.js';
import { type ErrorCode, helpOf, isRetryable } from '../../errors.js';
import type { Job } from '../jobs/job.js';
import type { EventError } from './helper-event.js';

type Subject = Pick<Job, 'id' | 'kind' | 'file' | 'contentPath' | 'torrentFile'>;

/** `job`: whose it is; its id alone, where it is not there any more. */
export function eventError(
  { code, message }: Failure,
  job?: Subject | { readonly id: number },
): EventError {
  const about = { code, message, retryable: isRetryable(code), help: helpOf(code) };
  if (job === undefined) return about;
  const path = 'kind' in job ? pathOf(code, job) : undefined;
  return { ...about, jobId: job.id, ...(path !== undefined && { path }) };
}

/** Of what lies on this machine. */
function pathOf(code: ErrorCode, { kind, file, contentPath, torrentFile }: Subject) {
  if (code === 'TORRENT_UNWRITABLE') return torrentFile;
  if (/^(CONTENT|DISK|DESTINATION)_|^(FILES_EXHAUSTED|NAMES_MENDED|LINKS_SKIPPED)$/.test(code)) {
    return contentPath ?? (kind === 'seed' ? file : undefined);
  }
  return undefined;
}
