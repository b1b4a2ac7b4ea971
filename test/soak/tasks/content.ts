// Content to publish: files and folders from one byte to some MiB, the same for the same seed, and the digest by which any
// copy of it is compared.
import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readTree } from '../../support/disks/content-files.js';
import type { Random } from '../../support/random.js';

export interface Content {
  readonly name: string;
  readonly path: string;
  readonly digest: string;
}

const longestExponent = 23;

/** Writes new content to `path`. */
export async function makeContent(path: string, random: Random): Promise<Content> {
  if (random.chance(0.7)) {
    await writeBytes(path, lengthBytes(random), random);
  } else {
    const files = 1 + random.below(6);
    for (let index = 0; index < files; index += 1) {
      const folder = index % 2 === 0 ? path : join(path, 'within: a folder');
      await writeBytes(join(folder, `part ${index} ü.bin`), lengthBytes(random) / files, random);
    }
    if (random.chance(0.5)) await writeBytes(join(path, 'empty'), 0, random);
  }
  return { name: basename(path), path, digest: await digestOf(path) };
}

/** As many small ones as large ones: 1 byte, 2, 4 … 8 MiB. */
function lengthBytes(random: Random): number {
  const exponent = random.below(longestExponent + 1);
  return 2 ** exponent + random.below(2 ** exponent) * (exponent < longestExponent ? 1 : 0);
}

async function writeBytes(path: string, bytes: number, random: Random): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const stream = createCipheriv('aes-128-ctr', random.bytes(16), random.bytes(16));
  await writeFile(path, stream.update(Buffer.alloc(bytes === 0 ? 0 : Math.max(1, bytes))));
}

/** The digest of a file, or of a folder with the names and contents of all files below. Rejects if there is none. */
export async function digestOf(path: string): Promise<string> {
  const files = Object.entries(await readTree(path)).sort();
  return createHash('sha256').update(JSON.stringify(files)).digest('hex');
}

/** Whether something lies at `path`, and it is that content. */
export async function isSame(path: string, { digest }: Content): Promise<boolean> {
  return digestOf(path).then(
    (found) => found === digest,
    () => false,
  );
}
