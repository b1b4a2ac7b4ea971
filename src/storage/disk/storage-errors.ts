// Turns what the operating system says of a file into an error that tells a person which file, and what to do.
import { HelperError, systemCode } from '../../errors.js';
import { type DiskErrorCode, diskErrorCode, filesExhausted } from '../../files/disk-error-code.js';

type Task = 'read' | 'written';

/** What happened, by code, and what to do. */
const messages: Readonly<
  Record<
    Exclude<DiskErrorCode, 'FILES_EXHAUSTED'>,
    (path: string, task: Task, reason: string) => string
  >
> = {
  DISK_FULL: (path, task, reason) =>
    `the disk ${reason === 'EDQUOT' ? 'quota ' : ''}is full: ${path} cannot be ${task}; make room`,
  DISK_READ_ONLY: (path, task) =>
    `${path} cannot be ${task}: its disk can only be read; mount it for writing`,
  DISK_DENIED: (path, task, reason) =>
    `${path} cannot be ${task} by this user (${reason}); change its permissions, or those of its folder`,
  DISK_GONE: (path) => `${path} is no longer there; put it back`,
  DISK_FAILED: (path, task, reason) => `${path} cannot be ${task} (${reason}); look after its disk`,
};

const thenByItself = 'it goes on by itself';

export function readFailed(path: string, thrown: unknown): HelperError {
  return diskError(path, 'read', thrown);
}

export function writeFailed(path: string, thrown: unknown): HelperError {
  return diskError(path, 'written', thrown);
}

/** Of a relocation, which is not tried again by itself: the job goes on where its content lies. */
export function relocationFailed(path: string, task: Task, thrown: unknown): HelperError {
  return diskError(path, task, thrown, 'move it again');
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
  return new HelperError(diskErrorCode(thrown), what, { cause: thrown });
}

/** `what` tells what lies there, as in `/a/b is a symbolic link`. */
export function destinationExists(path: string, what: string): HelperError {
  return new HelperError(
    'DESTINATION_EXISTS',
    `${path} ${what}; move it away, or choose another --download-dir`,
  );
}

/** Nothing is there, and where it would be is another disk than it was on. */
export function otherDisk(path: string): HelperError {
  const what = `${path} is gone, and its folder is on another disk than before; mount the disk it was on, then ${thenByItself}, or delete: the job and give it again`;
  return new HelperError('DISK_GONE', what);
}

/** It was open, and so it is not known by what its path says. */
export function noLongerThere(path: string): HelperError {
  const what = `${path} is no longer where it was written; put it back, or what it held is fetched again`;
  return new HelperError('DISK_GONE', what);
}

/** Something lies there that is not what was written to. */
export function takenPlace(path: string): HelperError {
  return destinationExists(path, 'is another file than the one that was downloaded there');
}

/** Its other names would change with it. */
export function sharedFile(path: string): HelperError {
  return new HelperError(
    'DESTINATION_EXISTS',
    `${path} has other names (hard links), and what is behind those would be written to as well; put a copy in its place, or move it away`,
  );
}

/** It was complete once, and somebody else has written to it since. */
export function changedSince(path: string): HelperError {
  return new HelperError(
    'DESTINATION_EXISTS',
    `${path} was downloaded whole, has been changed since, and so is not written to; move it away, and give the job again`,
  );
}

function diskError(path: string, task: Task, thrown: unknown, then = thenByItself): HelperError {
  if (thrown instanceof HelperError) return thrown;
  const code = diskErrorCode(thrown);
  if (code === 'FILES_EXHAUSTED') return filesExhausted(path, task, thrown, then);
  const what = messages[code](path, task, reasonOf(thrown));
  return new HelperError(code, `${what}, then ${then}`, { cause: thrown });
}

function reasonOf(thrown: unknown): string {
  return systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
