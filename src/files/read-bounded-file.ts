// Reads a whole small file of our own, though something else may have been put in its place.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemCode } from '../errors.js';

/** A FIFO must not make open(2) wait, and a link leads elsewhere. Undefined on Windows, and so counted as 0. */
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Undefined if nothing is there. Rejects with a system error; its code is EFBIG if the file is larger than `maxBytes`,
 * EINVAL if it is no regular file.
 */
export async function readBoundedFile(
  path: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, readOnly);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw refusal('EINVAL', `${path} is no regular file`);
      if (stats.size > maxBytes) throw refusal('EFBIG', `${path} is larger than ${maxBytes} bytes`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
