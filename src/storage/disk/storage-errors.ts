// Turns what the operating system says of a file into an error that tells a person which file, and what to do.
import { type ErrorCode, HelperError, systemCode } from '../../errors.js';

/** What a disk may answer. All of it may pass, so none of it is the end of a download. */
type DiskCode = Extract<ErrorCode, `DISK_${string}` | 'FILES_EXHAUSTED'>;

const diskCodes: Readonly<Record<string, DiskCode>> = {
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

/** What happened, by code, and what to do; `deed` is `read` or `written`. */
const sayings: Readonly<Record<DiskCode, (path: string, deed: string, reason: string) => string>> =
  {
    DISK_FULL: (path, deed, reason) =>
      `the disk ${reason === 'EDQUOT' ? 'quota ' : ''}is full: ${path} cannot be ${deed}; make room`,
    DISK_READ_ONLY: (path, deed) =>
      `${path} cannot be ${deed}: its disk can only be read; mount it for writing`,
    DISK_DENIED: (path, deed, reason) =>
      `${path} cannot be ${deed} by this user (${reason}); change its permissions, or those of its folder`,
    DISK_GONE: (path) => `${path} is no longer there; put it back`,
    FILES_EXHAUSTED: (path, deed, reason) =>
      `${path} cannot be ${deed}: too many files are open (${reason}); raise the limit, as with ulimit -n`,
    DISK_FAILED: (path, deed, reason) =>
      `${path} cannot be ${deed} (${reason}); look after its disk`,
  };

const thenByItself = 'it goes on by itself';

export function readFailed(path: string, thrown: unknown): HelperError {
  return diskError(path, 'read', thrown);
}

export function writeFailed(path: string, thrown: unknown): HelperError {
  return diskError(path, 'written', thrown);
}

/** Of a move, which is not tried again by itself: the job goes on where its content lies. */
export function moveFailed(path: string, deed: 'read' | 'written', thrown: unknown): HelperError {
  return diskError(path, deed, thrown, 'move it again');
}

export function fileTooShort(path: string, expectedBytes: number): HelperError {
  const what = `${path} ends before byte ${expectedBytes}; put the whole file back, then ${thenByItself}`;
  return new HelperError('DISK_FAILED', what);
}

export function noRegularFile(path: string): HelperError {
  const what = `${path} is no regular file; put the file back, then ${thenByItself}`;
  return new HelperError('DISK_FAILED', what);
}

/** There is no room at `path` to even begin with. */
export function noRoom(path: string, freeBytes: number): HelperError {
  const what = `the disk is full: ${path} has room for ${freeBytes} bytes more; make room, then ${thenByItself}`;
  return new HelperError('DISK_FULL', what);
}

export function deleteFailed(path: string, thrown: unknown): HelperError {
  const what = `${path} cannot be deleted (${reasonOf(thrown)}); delete it by hand`;
  return new HelperError(diskCodeOf(thrown), what, { cause: thrown });
}

/** `what` tells what lies there, as in `/a/b is a symbolic link`. */
export function destinationExists(path: string, what: string): HelperError {
  return new HelperError(
    'DESTINATION_EXISTS',
    `${path} ${what}; move it away, or choose another --download-dir`,
  );
}

function diskError(path: string, deed: string, thrown: unknown, then = thenByItself): HelperError {
  if (thrown instanceof HelperError) return thrown;
  const code = diskCodeOf(thrown);
  const what = sayings[code](path, deed, reasonOf(thrown));
  return new HelperError(code, `${what}, then ${then}`, { cause: thrown });
}

function diskCodeOf(thrown: unknown): DiskCode {
  return diskCodes[systemCode(thrown) ?? ''] ?? 'DISK_FAILED';
}

function reasonOf(thrown: unknown): string {
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
