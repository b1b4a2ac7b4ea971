// Opens one file of a torrent: to seed, as the user published it, links and all; to download, never through a link.
import { constants } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../errors.js';
import type { MetainfoFile } from '../metainfo/metainfo.js';
import { closeFile, openFile, statFile } from './disk/file-io.js';
import {
  destinationExists,
  noRegularFile,
  readFailed,
  writeFailed,
} from './disk/storage-errors.js';
import { filePath, foldersOf } from './layout/file-layout.js';
import { lookAtFile, lookAtFolder } from './layout/file-status.js';

/** A FIFO must not make open(2) wait for its other end. Flags a platform lacks are undefined, and so count 0. */
const noWaiting = constants.O_NONBLOCK;
const noLinks = constants.O_NOFOLLOW | noWaiting;

/** Opens a published file read-only, wherever its links lead. */
export async function openPublished(contentPath: string, file: MetainfoFile): Promise<number> {
  const path = filePath(contentPath, file);
  return openRegular(path, constants.O_RDONLY | noWaiting).catch((error: unknown) => {
    throw readFailed(path, error);
  });
}

/** Opens a file of a download read-only. */
export async function openDownloaded(contentPath: string, file: MetainfoFile): Promise<number> {
  const path = filePath(contentPath, file);
  await lookAtFile(contentPath, file);
  return openRegular(path, constants.O_RDONLY | noLinks).catch((error: unknown) => {
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
    if ((await lookAtFile(contentPath, file)) !== undefined || !listener) {
      return await openRegular(path, constants.O_RDWR | noLinks);
    }
    await makeFolders(contentPath, file, listener);
    // O_EXCL: what somebody else put there since we looked is not ours.
    const create = constants.O_CREAT | constants.O_EXCL;
    const descriptor = await openRegular(path, constants.O_RDWR | create | noLinks);
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
    if ((await lookAtFolder(folder)) === 'folder') continue;
    // Another file of the torrent may be making the same folder just now.
    await mkdir(folder).catch(async (error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
      await lookAtFolder(folder);
    });
    listener.nameMadeIn(dirname(folder));
  }
}

/** One by one: Node's own recursive way says of a read-only disk that it is not there. */
async function makeParents(path: string, listener: MakingListener): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    (error: unknown) => systemCode(error) !== 'ENOENT',
  );
  if (isThere) return;
  await makeParents(dirname(path), listener);
  await mkdir(path).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  listener.nameMadeIn(dirname(path));
}

async function openRegular(path: string, flags: number): Promise<number> {
  const descriptor = await openFile(path, flags).catch((error: unknown) => {
    if (systemCode(error) !== 'ELOOP' || (flags & constants.O_NOFOLLOW) === 0) throw error;
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
