// The symbolic links below a folder, followed by nobody: one may lead to the folder it lies in.
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What each says, by its path. */
export async function linksOnDisk(folder: string, path = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) Object.assign(found, await linksOnDisk(folder, below));
    if (entry.isSymbolicLink()) found[below] = await readlink(join(folder, below));
  }
  return found;
}
