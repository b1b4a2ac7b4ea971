// Looks at what lies where a download goes, and never through a symbolic link.
import type { BigIntStats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type HelperError, systemCode } from '../../errors.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { type FileStamp, stampOf } from '../disk/file-stamp.js';
import { destinationExists, readFailed } from '../disk/storage-errors.js';
import { filePath, foldersOf } from './file-layout.js';

/** What was found of folders so far, by path, for whoever looks at many files in a row. */
export type SeenFolders = Map<string, Promise<'folder' | 'missing'>>;

/**
 * The stamp of a torrent's file, or undefined if nothing is there. Rejects with DESTINATION_EXISTS, naming what is
 * in the way, if something else lies at its path or at that of a folder from `contentPath` down; with a DISK_ code if
 * one may not look.
 */
export async function fileStatus(
  contentPath: string,
  file: MetainfoFile,
  seen: SeenFolders = new Map(),
): Promise<FileStamp | undefined> {
  const path = filePath(contentPath, file);
  for (const folder of foldersOf(contentPath, file)) {
    const found = seen.get(folder) ?? folderStatus(folder);
    seen.set(folder, found);
    if ((await found) === 'missing') return undefined;
  }
  const stats = await lookAt(path);
  if (stats && !stats.isFile()) throw inTheWay(path, stats, 'a file');
  return stats && stampOf(stats);
}

/** Rejects as `fileStatus` does if anything but a folder lies there. */
export async function folderStatus(path: string): Promise<'folder' | 'missing'> {
  const stats = await lookAt(path);
  if (!stats) return 'missing';
  if (!stats.isDirectory()) throw inTheWay(path, stats, 'a folder');
  return 'folder';
}

/** Rejects with DISK_GONE if the folder that holds `contentPath` is not there. */
export async function ensureParent(contentPath: string): Promise<void> {
  const parent = dirname(contentPath);
  await stat(parent).catch((error: unknown) => {
    throw readFailed(parent, error);
  });
}

async function lookAt(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw readFailed(path, error);
  }
}

function inTheWay(path: string, stats: BigIntStats, wanted: string): HelperError {
  return destinationExists(path, `is ${kindOf(stats)} where the download would put ${wanted}`);
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFile()) return 'a file';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
