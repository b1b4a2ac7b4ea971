// Opens one file of a torrent: to seed, as the user published it, links and all; to download, never through a link. It says
// which file was opened, as a path does not.
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../errors.js';
import { openFlags } from '../../files/open-flags.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { closeFile, openFile, statFile } from '../disk/file-io.js';
import { type FileStamp, isSameFile, stampOf } from '../disk/file-stamp.js';
import { inTheWay, lookAt, obstacleCodes } from '../disk/look-at.js';
import { destinationExists, noRegularFile, readFailed } from '../disk/storage-errors.js';
import type { FolderPool } from '../folders/folder-pool.js';
import { canHoldFolders, makeFolder, type OnNameMade } from '../folders/folder-walk.js';
import { filePath, folderOf } from '../layout/file-layout.js';
import { fileStatus } from '../layout/file-status.js';

export interface OpenedFile {
  readonly descriptor: number;
  readonly stamp: FileStamp;
}

/** A file of a download, and through whose folders it is reached. */
export interface DownloadedFile {
  readonly contentPath: string;
  readonly file: MetainfoFile;
  readonly folders: FolderPool;
  readonly owner: object;
}

/** Opens a published file read-only, wherever its links lead. Rejects with a DISK_ code. */
export async function openPublished(contentPath: string, file: MetainfoFile): Promise<OpenedFile> {
  const path = filePath(contentPath, file);
  try {
    const descriptor = await openFile(path, openFlags.readThroughLinks);
    return await closedOnFailure(descriptor, async () => {
      const stats = await statFile(descriptor);
      if (!stats.isFile()) throw noRegularFile(path);
      return { descriptor, stamp: stampOf(stats) };
    });
  } catch (error) {
    throw readFailed(path, error);
  }
}

/** A file of a download that is there. Rejects with a system error, or with DESTINATION_EXISTS. */
export function openDownloaded(
  downloaded: DownloadedFile,
  access: 'read' | 'write',
): Promise<OpenedFile> {
  return openBelow(downloaded, openFlags[access]);
}

export interface MakingListener {
  readonly onNameMade: OnNameMade;
  /** The folder is missing, and is made when this resolves. */
  readonly beforeFolder: () => Promise<void>;
}

/**
 * Makes a file of a download, and the folders that lead to it. What somebody else put there since one looked is not ours:
 * rejects with DESTINATION_EXISTS, or with a system error.
 */
export async function createDownloaded(
  downloaded: DownloadedFile,
  { onNameMade, beforeFolder }: MakingListener,
): Promise<OpenedFile> {
  const { contentPath, file } = downloaded;
  const path = filePath(contentPath, file);
  try {
    const created = await openBelow(downloaded, openFlags.create).catch(async (error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
      await beforeFolder();
      await makeFolder(folderOf(contentPath, file), onNameMade);
      return openBelow(downloaded, openFlags.create);
    });
    onNameMade(dirname(path));
    return created;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    const stats = await lookAt(path);
    if (stats && !stats.isFile()) throw inTheWay(path, stats, 'a file');
    throw destinationExists(path, 'appeared where the download would write');
  }
}

async function openBelow(
  { contentPath, file, folders, owner }: DownloadedFile,
  flags: number,
): Promise<OpenedFile> {
  const path = filePath(contentPath, file);
  const opened = await folders.use(owner, folderOf(contentPath, file), (folder) =>
    openRegular(join(folder, basename(path)), path, flags),
  );
  return lookedAfter(opened, contentPath, file);
}

/** `named`: what a person calls `path`. */
async function openRegular(path: string, named: string, flags: number): Promise<OpenedFile> {
  const descriptor = await openFile(path, flags).catch(async (error: unknown) => {
    const stats = obstacleCodes.has(systemCode(error)) ? await lookAt(path) : undefined;
    throw stats && !stats.isFile() ? inTheWay(named, stats, 'a file') : error;
  });
  return closedOnFailure(descriptor, async () => {
    const stats = await statFile(descriptor);
    if (!stats.isFile()) throw inTheWay(named, stats, 'a file');
    return { descriptor, stamp: stampOf(stats) };
  });
}

/** Where a folder can be swapped for a link between the look and the opening: one more look tells what was opened. */
async function lookedAfter(
  opened: OpenedFile,
  contentPath: string,
  file: MetainfoFile,
): Promise<OpenedFile> {
  if (canHoldFolders) return opened;
  return closedOnFailure(opened.descriptor, async () => {
    const there = await fileStatus(contentPath, file);
    if (there && isSameFile(there, opened.stamp)) return opened;
    throw destinationExists(filePath(contentPath, file), 'is not what was opened there');
  });
}

async function closedOnFailure<T>(descriptor: number, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    await closeFile(descriptor);
    throw error;
  }
}
