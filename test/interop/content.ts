// Content to publish, and the comparison of what arrived, byte by byte.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MiB, writeRandom } from '../support/scratch.js';
import type { Story } from './story.js';

/** A file of 5 MiB and a bit, which no piece length divides. */
export async function writeSampleFile(story: Story): Promise<string> {
  return writeRandom(story.path('source', 'sample file.bin'), 5 * MiB + 4321);
}

/** A folder whose files share pieces, one of them below another folder. */
export async function writeSampleFolder(story: Story): Promise<string> {
  const folder = story.path('source', 'sample folder');
  await writeRandom(join(folder, 'first.bin'), MiB + 1);
  await writeRandom(join(folder, 'second', 'größer.bin'), 3 * MiB + 77);
  await writeRandom(join(folder, 'third.txt'), 13);
  return folder;
}

/** The files, by their paths below `expected`, that are missing below `actual`, or not the same, or too many there. */
export async function differences(expected: string, actual: string): Promise<string[]> {
  const paths = new Set([...(await filesBelow(expected)), ...(await filesBelow(actual))]);
  const unlike = await Promise.all(
    [...paths].map(async (path) => {
      const [left, right] = await Promise.all(
        [expected, actual].map((root) => readFile(join(root, path)).catch(() => undefined)),
      );
      return left !== undefined && right !== undefined && left.equals(right) ? [] : [path];
    }),
  );
  return unlike.flat();
}

/** For a file: the empty path alone. */
async function filesBelow(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  } catch {
    return [''];
  }
}
