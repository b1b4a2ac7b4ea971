// How much room there is where a download goes.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../errors.js';
import { noRoom, readFailed } from './storage-errors.js';

/** Rejects with DISK_FULL if fewer bytes than `neededBytes` are free where `path` lies, or is to be made. */
export async function ensureFreeSpace(path: string, neededBytes: number): Promise<void> {
  const freeBytes = await freeBytesAt(path);
  if (freeBytes < neededBytes) throw noRoom(path, freeBytes);
}

async function freeBytesAt(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || folder === dirname(folder))
        throw readFailed(folder, error);
    }
  }
}
