// What a disk's refusal is called here, for all that reads or writes: one list, and one sentence for what has nothing to
// do with the file at all.
import { type ErrorCode, HelperError, systemCode } from '../errors.js';

export type DiskErrorCode = Extract<ErrorCode, `DISK_${string}` | 'FILES_EXHAUSTED'>;

const codes: Readonly<Record<string, DiskErrorCode>> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EROFS: 'DISK_READ_ONLY',
  EACCES: 'DISK_DENIED',
  EPERM: 'DISK_DENIED',
  ENOENT: 'DISK_GONE',
  ENOTDIR: 'DISK_GONE',
  ENODEV: 'DISK_GONE',
  ENXIO: 'DISK_GONE',
  ESTALE: 'DISK_GONE',
  EMFILE: 'FILES_EXHAUSTED',
  ENFILE: 'FILES_EXHAUSTED',
};

/** DISK_FAILED for whatever has no name of its own. */
export function diskErrorCode(thrown: unknown): DiskErrorCode {
  return codes[systemCode(thrown) ?? ''] ?? 'DISK_FAILED';
}

/** Whether the process or the system has no file descriptor left (EMFILE, ENFILE). */
export function isFilesExhausted(thrown: unknown): boolean {
  const code = thrown instanceof HelperError ? thrown.code : diskErrorCode(thrown);
  return code === 'FILES_EXHAUSTED';
}

/**
 * For what `isFilesExhausted`. `task` is what cannot be done to `path`, `then` what follows once there are some.
 */
export function filesExhausted(
  path: string,
  task: 'read' | 'written',
  thrown: unknown,
  then = 'it goes on by itself',
): HelperError {
  const what = `${path} cannot be ${task}: too many files are open (${systemCode(thrown)}); raise the limit, as with ulimit -n, then ${then}`;
  return new HelperError('FILES_EXHAUSTED', what, { cause: thrown });
}
