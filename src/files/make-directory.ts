// Makes a folder and those above it. Node's own way to do so never ends where a file system says of a new name that it
// does not exist, as /proc does.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../errors.js';

/** The topmost folder that was made; undefined if all were there. Rejects as mkdir(2) does. */
export async function makeDirectory(path: string, mode?: number): Promise<string | undefined> {
  const folder = resolve(path);
  try {
    return await makeOne(folder, mode);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
  }
  const topmost = await makeDirectory(dirname(folder), mode);
  const made = await makeOne(folder, mode);
  return topmost ?? made;
}

async function makeOne(folder: string, mode: number | undefined): Promise<string | undefined> {
  try {
    await mkdir(folder, mode);
    return folder;
  } catch (error) {
    // Some systems say EROFS or EACCES of what is there already.
    const isThere = await stat(folder).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isThere) return undefined;
    throw error;
  }
}
