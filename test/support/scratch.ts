// Real folders with real content, removed with the test that made them, and ports that nobody else uses.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export { freePort } from './free-port.js';

export const MiB = 2 ** 20;

/** A new folder. */
export async function scratchFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'scenario-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file of random bytes, and the folders above it. Gives back its path. */
export async function writeRandom(path: string, lengthBytes: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, randomBytes(lengthBytes));
  return path;
}

/** The SHA-256 of a file, in hex. */
export async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Every file below `folder`, links followed, by its path: the hash of its content. */
export async function readTree(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const walk = async (path: string) => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const below = join(path, entry.name);
      if (entry.isDirectory()) await walk(below);
      else tree[below] = await hashOf(join(folder, below));
    }
  };
  await walk('');
  return tree;
}
