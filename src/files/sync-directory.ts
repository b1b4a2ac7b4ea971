// Makes the names in a folder survive a power cut, where the system can do so: Windows and some networks cannot, and
// that is no reason not to go on.
import { open } from 'node:fs/promises';
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
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!cannotSyncDirectory(error)) throw error;
  }
}

/** Whether an error says that this file system cannot sync a folder, or that one may not open it to do so. */
export function cannotSyncDirectory(error: unknown): boolean {
  return unsupported.has(systemCode(error));
}
