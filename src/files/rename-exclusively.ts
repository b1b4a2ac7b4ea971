// Gives a file another name in the same folder tree, unless anything has that name already: rename(2) alone would take
// its place.
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { systemCode } from '../errors.js';

/** What file systems without hard links, such as FAT, answer to link(2). */
const noLinkCodes = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** False if the name is taken; what has it is not touched. Rejects with system errors. The old name may stay, too. */
export async function renameExclusively(
  from: string,
  to: string,
  makeLink: typeof link = link,
): Promise<boolean> {
  try {
    await makeLink(from, to);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (code === undefined || !noLinkCodes.has(code)) throw error;
    return renameOverReserved(from, to);
  }
}

/** Whether anything has that name, be it a link that leads nowhere. Where that cannot be seen, it is as if nothing had. */
export async function isTaken(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Without hard links: an empty file of our own keeps others off the name until the whole one takes its place. */
async function renameOverReserved(from: string, to: string): Promise<boolean> {
  try {
    await (await open(to, 'wx')).close();
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}
