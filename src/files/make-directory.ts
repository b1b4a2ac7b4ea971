// Makes a folder and those above it. Node's own way to do so never ends where a file system says of a new name that it
// does not exist, as /proc does. A private folder is for its user alone, whatever the umask.
import { chmod, mkdir, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../errors.js';
import { openFlags } from './open-flags.js';

const privateMode = 0o700;

/** The folders that were made, the topmost first. Rejects as mkdir(2) does. */
export async function makeDirectory(path: string): Promise<readonly string[]> {
  return makeAll(resolve(path), makeOne);
}

/** The same; all that are made are 0700. One that is there already is left as it is: see `closeDirectory`. */
export async function makePrivateDirectory(path: string): Promise<readonly string[]> {
  return makeAll(resolve(path), async (folder) => {
    const made = await makeOne(folder, privateMode);
    // A umask may have taken from it what the next one needs. Some file systems, such as FAT, have no modes to change.
    for (const each of made) await chmod(each, privateMode).catch(() => {});
    return made;
  });
}

/**
 * Makes a folder of ours 0700 that somebody, or an earlier version, left open; a link in its place is not followed, and
 * what is not this user's stays as it is. Never rejects.
 */
export async function closeDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, openFlags.folder);
    try {
      if (((await handle.stat()).mode & 0o777) !== privateMode) await handle.chmod(privateMode);
    } finally {
      await handle.close();
    }
  } catch {
    // Not there, no folder, or another's; what cannot be used is told where it is used.
  }
}

/** What `task` does in a folder; where that is not there, `make` makes it first. It is not looked for each time. */
export async function inFolder<T>(
  make: () => Promise<unknown>,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  await make();
  return task();
}

async function makeAll(
  folder: string,
  make: (folder: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    return await make(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
  }
  const above = await makeAll(dirname(folder), make);
  return [...above, ...(await make(folder))];
}

async function makeOne(folder: string, mode?: number): Promise<readonly string[]> {
  try {
    await mkdir(folder, mode);
    return [folder];
  } catch (error) {
    // Some systems say EROFS or EACCES of what is there already.
    const isThere = await stat(folder).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isThere) return [];
    throw error;
  }
}
