// Puts a whole file in its place, or nothing: written beside it under a passing name, synced, then given its name in one
// step. It never writes over what it was not told to replace, whoever else is at work in the folder.
import { randomUUID } from 'node:crypto';
import { type link, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renameExclusively } from './rename-exclusively.js';
import { syncDirectory, syncOpen } from './sync-directory.js';

const temporaryStart = '.bittorrent-helper-';
const temporaryEnd = '.tmp';
/** A writer is through in moments. */
const abandonedMs = 60_000;

/** Resolves with false, and leaves what lies there alone, if anything does. Rejects with system errors. */
export async function createFile(
  path: string,
  bytes: Uint8Array,
  makeLink?: typeof link,
): Promise<boolean> {
  return withTemporaryFile(path, bytes, (temporary) =>
    renameExclusively(temporary, path, makeLink),
  );
}

/** `unsynced`: many times quicker, but a power cut within the next half minute may leave an empty file. */
export type Durability = 'synced' | 'unsynced';

/** Takes the place of the file at `path`: a reader sees the old bytes or the new ones. Rejects with system errors. */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  durability: Durability = 'synced',
): Promise<void> {
  await withTemporaryFile(path, bytes, (temporary) => rename(temporary, path), durability);
}

/** Whether a file of this name is one that was being written when its writer died, if it still lies there. */
export function isTemporary(name: string): boolean {
  return name.startsWith(temporaryStart) && name.endsWith(temporaryEnd);
}

/** Clears away what writers that died left in a folder that others may be writing to now. Never rejects. */
export async function clearAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isTemporary)) {
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    const isAbandoned = stats?.isFile() && Date.now() - stats.mtimeMs > abandonedMs;
    if (isAbandoned) await rm(path, { force: true }).catch(() => {});
  }
}

async function withTemporaryFile<T>(
  path: string,
  bytes: Uint8Array,
  task: (temporary: string) => Promise<T>,
  durability: Durability = 'synced',
): Promise<T> {
  const folder = dirname(path);
  const temporary = join(folder, `${temporaryStart}${randomUUID()}${temporaryEnd}`);
  try {
    await writeNew(temporary, bytes, durability);
    const result = await task(temporary);
    await rm(temporary, { force: true });
    if (durability === 'synced') await syncDirectory(folder);
    return result;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // what went wrong first is what counts
    throw error;
  }
}

async function writeNew(path: string, bytes: Uint8Array, durability: Durability): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    if (durability === 'synced') await syncOpen(handle);
  } finally {
    await handle.close();
  }
}
