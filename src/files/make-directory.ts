// Makes a folder and those above it. Node's own way to do so never ends where a file system says of a new name that it
// does not exist, as /proc does.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../errors.js';

/** The folders that were made, the topmost first. Rejects as mkdir(2) does. */
export async function makeDirectory(path: string, mode?: number): Promise<readonly string[]> {
  const folder = resolve(path);
  try {
    return await makeOne(folder, mode);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
  }
  const above = await makeDirectory(dirname(folder), mode);
  return [...above, ...(await makeOne(folder, mode))];
}

async function makeOne(folder: string, mode: number | undefined): Promise<readonly string[]> {
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
