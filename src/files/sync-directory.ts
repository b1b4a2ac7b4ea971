// Makes the names in a folder survive a power cut, where the system can do so: Windows and some networks cannot, and
// that is no reason not to go on.
import { fsync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { systemCode } from '../errors.js';

const unsupported = new Set<string | undefined>([
  'EACCES',
  'EINVAL',
  'EISDIR',
  'ENOSYS',
  'ENOTSUP',
  'EPERM',
]);

/** Rejects with the system's error if the disk fails. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await syncOpen(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!cannotSyncDirectory(error)) throw error;
  }
}

/** By its descriptor: in programs that Yarn's Plug'n'Play runs, a FileHandle is Yarn's, and cannot do this. */
export function syncOpen({ fd }: FileHandle): Promise<void> {
  return promisify(fsync)(fd);
}

/** Whether an error says that this file system cannot sync a folder, or that one may not open it to do so. */
export function cannotSyncDirectory(error: unknown): boolean {
  return unsupported.has(systemCode(error));
}
