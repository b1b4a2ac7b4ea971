// What was found, saved on disk: test/fuzz/corpus/<target>/<hash>.bin, and beside it in <hash>.txt what it showed.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The inputs saved for a target, by name. */
export async function readCorpus(folder: string, target: string): Promise<readonly Uint8Array[]> {
  const names = await readdir(join(folder, target)).catch(() => []);
  const saved = names.filter((name) => name.endsWith('.bin')).sort();
  return Promise.all(saved.map((name) => readFile(join(folder, target, name))));
}

/** Saves `input`; resolves with the path of its file. */
export async function saveInput(
  folder: string,
  target: string,
  input: Uint8Array,
  showed: string,
): Promise<string> {
  const hash = createHash('sha1').update(input).digest('hex').slice(0, 12);
  const path = join(folder, target, hash);
  await mkdir(join(folder, target), { recursive: true });
  await writeFile(`${path}.bin`, input);
  await writeFile(`${path}.txt`, `${showed.trim()}\n`);
  return `${path}.bin`;
}
