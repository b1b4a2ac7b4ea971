// Real files to publish, and the comparison of what arrived.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Writes a file of random bytes, and the folders above it. Gives back its path. */
export async function writeRandom(path: string, lengthBytes: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, randomBytes(lengthBytes));
  return path;
}

/** Writes files by their paths below `folder`, and makes the folders between. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Changes a file where it lies, and sets its time back to the nanosecond, as Node cannot. */
export async function rewriteInPlace(
  path: string,
  change: (bytes: Buffer) => Uint8Array,
): Promise<void> {
  const reference = `${path}.reference`;
  await run('touch', ['-r', path, reference]);
  await writeFile(path, change(await readFile(path)));
  await run('touch', ['-r', reference, path]);
  await rm(reference);
}

/** With one bit of it flipped. */
export function withBitFlipped(bytes: Buffer, position: number, bit = 0): Buffer {
  bytes.writeUInt8(bytes.readUInt8(position) ^ (1 << bit), position);
  return bytes;
}

/** The SHA-256 of a file, in hex. */
export async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** Every file below `folder`, links followed, by its path: the hash of its content. A file alone has the empty path. */
export async function readTree(folder: string): Promise<Record<string, string>> {
  if ((await stat(folder)).isFile()) return { '': await hashOf(folder) };
  const tree: Record<string, string> = {};
  const walk = async (path: string) => {
    for (const name of await readdir(join(folder, path))) {
      const below = join(path, name);
      if ((await stat(join(folder, below))).isDirectory()) await walk(below);
      else tree[below] = await hashOf(join(folder, below));
    }
  };
  await walk('');
  return tree;
}

/** The paths below `expected` that are missing below `actual`, or not the same, or too many there. */
export async function differences(expected: string, actual: string): Promise<string[]> {
  const [wanted, found] = [await readTree(expected), await readTree(actual).catch(() => ({}))];
  const hashes = new Map(Object.entries(found));
  const unlike = Object.entries(wanted).filter(([path, hash]) => hashes.get(path) !== hash);
  const tooMany = [...hashes.keys()].filter((path) => !(path in wanted));
  return [...unlike.map(([path]) => path), ...tooMany];
}
