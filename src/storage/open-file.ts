// Opens one file of a torrent: to seed, as the user published it, links and all; to download, never through a link.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors.js';
import { makeDirectory } from '../files/make-directory.js';
import { openFlags } from '../files/open-flags.js';
import type { MetainfoFile } from '../metainfo/metainfo.js';
import { closeFile, openFile, statFile } from './disk/file-io.js';
import {
  destinationExists,
  noRegularFile,
  readFailed,
  writeFailed,
} from './disk/storage-errors.js';
import { filePath, foldersOf } from './layout/file-layout.js';
import { fileStatus, folderStatus } from './layout/file-status.js';

/** Opens a published file read-only, wherever its links lead. */
export async function openPublished(contentPath: string, file: MetainfoFile): Promise<number> {
  const path = filePath(contentPath, file);
  return openRegular(path, openFlags.readThroughLinks).catch((error: unknown) => {
    throw readFailed(path, error);
  });
}

/** Opens a file of a download read-only. */
export async function openDownloaded(contentPath: string, file: MetainfoFile): Promise<number> {
  const path = filePath(contentPath, file);
  await fileStatus(contentPath, file);
  return openRegular(path, openFlags.read).catch((error: unknown) => {
    throw readFailed(path, error);
  });
}

/** Allows `openForWriting` to make what is missing, and hears of it. */
export interface MakingListener {
  /** A name was made in this folder, which so needs a sync of its own. */
  nameMadeIn(folder: string): void;
  /** The file itself was missing. */
  fileMade(): void;
}

/**
 * Opens a file of a download for writing. Without `listener` it must be there; with it, file and folders are made
 * where they are missing.
 */
export async function openForWriting(
  contentPath: string,
  file: MetainfoFile,
  listener: MakingListener | undefined,
): Promise<number> {
  const path = filePath(contentPath, file);
  try {
    if ((await fileStatus(contentPath, file)) !== undefined || !listener) {
      return await openRegular(path, openFlags.write);
    }
    await makeFolders(contentPath, file, listener);
    // What somebody else put there since we looked is not ours.
    const descriptor = await openRegular(path, openFlags.create);
    listener.nameMadeIn(dirname(path));
    listener.fileMade();
    return descriptor;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw destinationExists(path, 'appeared meanwhile');
    throw writeFailed(path, error);
  }
}

/** Makes the folders that lead to a file, those above `contentPath` included. */
async function makeFolders(contentPath: string, file: MetainfoFile, listener: MakingListener) {
  await makeParents(dirname(contentPath), listener);
  for (const folder of foldersOf(contentPath, file)) {
    if ((await folderStatus(folder)) === 'folder') continue;
    // Another file of the torrent may be making the same folder just now.
    await mkdir(folder).catch(async (error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
      await folderStatus(folder);
    });
    listener.nameMadeIn(dirname(folder));
  }
}

async function makeParents(path: string, listener: MakingListener): Promise<void> {
  const made = await makeDirectory(path).catch((error: unknown) => {
    // No folder, that is: what then goes wrong below it says more.
    if (systemCode(error) === 'EEXIST') return [];
    throw error;
  });
  for (const folder of made) listener.nameMadeIn(dirname(folder));
}

async function openRegular(path: string, flags: number): Promise<number> {
  const descriptor = await openFile(path, flags).catch((error: unknown) => {
    if (systemCode(error) !== 'ELOOP' || flags === openFlags.readThroughLinks) throw error;
    throw destinationExists(path, 'is a symbolic link where the download would put a file');
  });
  try {
    if ((await statFile(descriptor)).isFile()) return descriptor;
    throw noRegularFile(path);
  } catch (error) {
    await closeFile(descriptor);
    throw error;
  }
}
