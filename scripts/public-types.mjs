// Keeps of the emitted declarations those that the public ones lead to, and removes the rest: what the engine's types
// are is no business of those who install this package.
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * @param {string} folder
 * @param {readonly string[]} entries the public declarations, by paths below `folder`
 */
export async function keepPublicTypes(folder, entries) {
  const reached = new Set(entries.map((entry) => join(folder, entry)));
  // What is added on the way is walked too.
  for (const file of reached) {
    const text = await readFile(file, 'utf8');
    for (const [, target] of text.matchAll(/(?:from|import\() ?['"](\.[^'"]+)\.js['"]/g)) {
      reached.add(join(dirname(file), `${target}.d.ts`));
    }
  }
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of found) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !reached.has(path)) await rm(path);
  }
}
