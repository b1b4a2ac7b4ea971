// Deletes what a torrent names, and nothing else: its own files, then its folders as far as they are empty.
import { rmdir, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { forEachConcurrent } from '../async/for-each-concurrent.js';
import { HelperError, systemCode } from '../errors.js';
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js';
import { deleteFailed } from './disk/storage-errors.js';
import { filePath } from './layout/file-layout.js';
import { fileStatus, type SeenFolders } from './layout/file-status.js';

export interface DeleteRequest {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly contentPath: string;
  /** The download directory: stays, even if it is empty. */
  readonly root: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Missing files are fine. What lies behind a link, is no regular file, or is longer than the torrent's file is not
 * the torrent's, and stays. Rejects with a DISK_ code, naming the file, and leaves the rest as it is; with the
 * signal's reason between two files.
 */
export async function deleteFiles({
  metainfo,
  contentPath,
  root,
  signal,
}: DeleteRequest): Promise<void> {
  const seen: SeenFolders = new Map();
  await forEachConcurrent(1, metainfo.files, async (file) => {
    signal?.throwIfAborted();
    if (file.isPadding || !(await isOwn(contentPath, file, seen))) return;
    const path = filePath(contentPath, file);
    await deleteUnless(goneCodes, path, unlink(path));
  });
  // Parents were seen before their children, and nothing below a link was seen at all.
  for (const [folder, found] of [...seen].reverse()) {
    const isFolder = (await found.catch(() => 'missing')) === 'folder';
    if (!isFolder || resolve(folder) === resolve(root)) continue;
    await deleteUnless(inUseCodes, folder, rmdir(folder));
  }
}

const goneCodes = new Set<string | undefined>(['ENOENT']);
/** POSIX lets rmdir say EEXIST for a folder that is not empty. */
const inUseCodes = new Set<string | undefined>(['ENOENT', 'ENOTEMPTY', 'EEXIST']);

async function isOwn(contentPath: string, file: MetainfoFile, seen: SeenFolders): Promise<boolean> {
  try {
    const stamp = await fileStatus(contentPath, file, seen);
    return stamp !== undefined && stamp.sizeBytes <= file.lengthBytes;
  } catch (error) {
    if (error instanceof HelperError && error.code === 'DESTINATION_EXISTS') return false;
    throw error;
  }
}

async function deleteUnless(
  excuses: ReadonlySet<string | undefined>,
  path: string,
  deletion: Promise<void>,
): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!excuses.has(systemCode(error))) throw deleteFailed(path, error);
  }
}
