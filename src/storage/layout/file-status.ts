// The stamp of a torrent's file, as it lies where a download goes.
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../errors.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { type FileStamp, stampOf } from '../disk/file-stamp.js';
import { folderStatus, inTheWay, lookAt } from '../disk/look-at.js';
import { otherDisk, readFailed } from '../disk/storage-errors.js';
import { filePath, foldersOf } from './file-layout.js';

/** What was found of folders so far, by path, for whoever looks at many files in a row. */
export type SeenFolders = Map<string, Promise<'folder' | 'missing'>>;

/**
 * Undefined if nothing is there. Rejects with DESTINATION_EXISTS, naming what is in the way, if something else lies at the
 * file's path or at that of a folder from `contentPath` down; with a DISK_ code if one may not look.
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

/** Rejects with DISK_GONE if the folder that holds `contentPath` is not there; else resolves with the device it is on. */
export async function ensureParent(contentPath: string): Promise<bigint> {
  const parent = dirname(contentPath);
  const stats = await stat(parent, { bigint: true }).catch((error: unknown) => {
    throw readFailed(parent, error);
  });
  return stats.dev;
}

/**
 * Rejects with DISK_GONE if that folder, or what is left of those above it, is not on the disk of the device; where the
 * device is not known, if that folder is missing.
 */
export async function ensureSameDisk(
  contentPath: string,
  device: bigint | undefined,
): Promise<void> {
  if (device === undefined) await ensureParent(contentPath);
  if (device === undefined) return;
  for (let folder = dirname(contentPath); ; folder = dirname(folder)) {
    const stats = await lookThroughLinks(folder);
    if (stats === undefined && folder !== dirname(folder)) continue;
    if (stats?.dev !== device) throw otherDisk(contentPath);
    return;
  }
}

async function lookThroughLinks(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw readFailed(path, error);
  }
}
