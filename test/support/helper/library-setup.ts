// Helpers on loopback that are closed after each test, and what they publish.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Change, ProgressChange } from '../../../machines/types.js';
import { createHelper } from '../../../src/helper/create-helper.js';
import type { Helper } from '../../../src/helper/helper.js';
import type { HelperOptions } from '../../../src/options/resolve-options.js';
import { scratchFolder } from '../disks/scratch-folder.js';

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** A helper that writes to a folder of its own, and asks nobody outside this machine. */
export async function helper(options: HelperOptions = {}): Promise<Helper> {
  const dir = await scratchFolder();
  const started = await createHelper({
    torrentDir: dir,
    downloadDir: dir,
    noDht: true,
    ...options,
  });
  undo.push(() => started.close());
  return started;
}

/** A new file of random bytes. */
export async function file(lengthBytes = 200_000): Promise<{ path: string; bytes: Buffer }> {
  const path = join(await scratchFolder(), `content-${randomBytes(4).toString('hex')}`);
  const bytes = randomBytes(lengthBytes);
  await writeFile(path, bytes);
  return { path, bytes };
}

/** What of the changes would be lines of the command. */
export function linesOf(changes: readonly Change[]): readonly ProgressChange[] {
  return changes.filter((change) => change.type === 'progress');
}

/** What comes, until there is no more. */
export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of source) found.push(each);
  return found;
}
