// Reaches a folder step by step, so that no symbolic link on the way leads astray whoever opens, makes or deletes something
// in it: a look beforehand would be out of date by then. Linux can go on from an open folder, by way of /proc; elsewhere
// each step is looked at, and whoever opens a file compares it afterwards.
import { constants, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { systemCode } from '../../errors.js';
import { makeDirectory } from '../../files/make-directory.js';
import { closeFile, openFile } from '../disk/file-io.js';
import { folderStatus, inTheWay, lookAt } from '../disk/look-at.js';

/** A folder below another. The root is what a user named, and may be a link; nothing below it is followed. */
export interface FolderPath {
  readonly root: string;
  readonly names: readonly string[];
}

/** Hears of each folder in which a name was made. */
export type OnNameMade = (folder: string) => void;

const openFolders = '/proc/self/fd';
/** Whether a folder that was opened can be gone on from. */
export const canHoldFolders = platform() === 'linux' && existsSync(openFolders);

/** O_PATH, which Node has no name for: to pass through a folder, one need not be allowed to list it. */
export const passThrough = 0o10_000_000;
const { O_DIRECTORY, O_NOFOLLOW } = constants;

export function pathOfFolder({ root, names }: FolderPath): string {
  return join(root, ...names);
}

/** For as long as the descriptor is open. */
export function pathOfOpen(descriptor: number): string {
  return `${openFolders}/${descriptor}`;
}

/**
 * Resolves with a descriptor, to be closed, that is good for `pathOfOpen` alone. Rejects with a system error, such as
 * ENOENT for a folder that is missing, or with DESTINATION_EXISTS if a link or anything else takes the place of one.
 */
export async function openFolder({ root, names }: FolderPath): Promise<number> {
  let descriptor = await openFile(root, passThrough | O_DIRECTORY);
  for (const [depth, name] of names.entries()) {
    const above = descriptor;
    try {
      descriptor = await openStep(
        join(pathOfOpen(above), name),
        join(root, ...names.slice(0, depth + 1)),
      );
    } finally {
      await closeFile(above);
    }
  }
  return descriptor;
}

/** Makes what is missing of the folder, and of those above its root. Rejects as `openFolder` does. */
export async function makeFolder(
  { root, names }: FolderPath,
  onNameMade: OnNameMade,
): Promise<void> {
  for (const folder of await makeDirectory(root)) onNameMade(dirname(folder));
  for (const [depth, name] of names.entries()) {
    const above = { root, names: names.slice(0, depth) };
    const made = await withinFolder(above, (path) => makeStep(join(path, name)));
    if (made) onNameMade(pathOfFolder(above));
  }
}

/** Runs `task` with a path of the folder that no link can divert. Rejects as `openFolder` does, or as `task`. */
export async function withinFolder<T>(
  folder: FolderPath,
  task: (path: string) => Promise<T>,
): Promise<T> {
  if (!canHoldFolders) {
    await lookThrough(folder);
    return task(pathOfFolder(folder));
  }
  const descriptor = await openFolder(folder);
  try {
    return await task(pathOfOpen(descriptor));
  } finally {
    await closeFile(descriptor);
  }
}

/** Rejects with DESTINATION_EXISTS if anything but a folder lies on the way; what is missing is for others to find. */
export async function lookThrough({ root, names }: FolderPath): Promise<void> {
  for (const depth of names.keys()) await folderStatus(join(root, ...names.slice(0, depth + 1)));
}

async function openStep(path: string, named: string): Promise<number> {
  try {
    return await openFile(path, passThrough | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    // What is no folder, or a link.
    const stats = systemCode(error) === 'ENOTDIR' ? await lookAt(path) : undefined;
    throw stats ? inTheWay(named, stats, 'a folder') : error;
  }
}

/** False if it is there, whatever it is. */
async function makeStep(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    // Another file of the torrent may be making the same folder just now.
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
