// Turns what the operating system says of a file into an error that tells a person which file, and what to do.
import { HelperError, systemCode } from '../../errors.js';

export function readFailed(path: string, thrown: unknown): HelperError {
  if (thrown instanceof HelperError) return thrown;
  const what = isGone(thrown)
    ? `${path} is no longer there; put it back, or remove the job`
    : `${path} cannot be read (${reason(thrown)}); look after its permissions and its disk, then start the job again`;
  return new HelperError('DISK_FAILED', what, { cause: thrown });
}

export function fileTooShort(path: string, expectedBytes: number): HelperError {
  return new HelperError(
    'DISK_FAILED',
    `${path} ends before byte ${expectedBytes}; put the whole file back, or remove the job`,
  );
}

export function writeFailed(path: string, thrown: unknown): HelperError {
  if (thrown instanceof HelperError) return thrown;
  const code = systemCode(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const where = code === 'ENOSPC' ? 'the disk' : 'the disk quota';
    const what = `${where} is full: ${path} cannot be written; make room, or choose another --download-dir, then download again`;
    return new HelperError('DISK_FULL', what, { cause: thrown });
  }
  const what = isGone(thrown)
    ? `${path} is no longer there; download it again`
    : `${path} cannot be written (${reason(thrown)}); look after its permissions and its disk, or choose another --download-dir`;
  return new HelperError('DISK_FAILED', what, { cause: thrown });
}

export function deleteFailed(path: string, thrown: unknown): HelperError {
  const what = `${path} cannot be deleted (${reason(thrown)}); delete it by hand`;
  return new HelperError('DISK_FAILED', what, { cause: thrown });
}

/** `what` tells what lies there, as in `/a/b is a symbolic link`. */
export function destinationExists(path: string, what: string): HelperError {
  return new HelperError(
    'DESTINATION_EXISTS',
    `${path} ${what}; move it away, or choose another --download-dir`,
  );
}

function isGone(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function reason(thrown: unknown): string {
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
