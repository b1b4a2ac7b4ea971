// What this process has open, all its threads together. Linux only.
import { readdir, readlink } from 'node:fs/promises';

/** The paths below `folder`. */
export async function openIn(folder: string): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(
    descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')),
  );
  return paths.filter((path) => path.startsWith(folder));
}
