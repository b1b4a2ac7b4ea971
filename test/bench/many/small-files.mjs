// @ts-check
// Small files of random bytes, flat or 500 to a folder.
import { randomFillSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const filesInFolder = 500;

/**
 * Their paths.
 *
 * @param {string} folder Is made.
 * @param {number} count
 * @param {number} lengthBytes
 */
export async function writeSmallFiles(folder, count, lengthBytes) {
  await mkdir(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, nth) => join(folder, `${nth + 1}`));
  for (const path of paths) await writeFile(path, randomFillSync(Buffer.alloc(lengthBytes)));
  return paths;
}

/**
 * @param {string} folder Is made.
 * @param {number} count
 * @param {number} lengthBytes
 */
export async function writeDeepFiles(folder, count, lengthBytes) {
  for (let done = 0; done < count; done += filesInFolder) {
    const inside = join(folder, `${done / filesInFolder}`);
    await writeSmallFiles(inside, Math.min(filesInFolder, count - done), lengthBytes);
  }
}
