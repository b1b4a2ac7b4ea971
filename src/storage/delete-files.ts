// Deletes files of a torrent that are known to be the job's, its links beside them, and its folders as far as they are empty.
// Whatever else lies there stays, and no link on the way is followed.
import { lstat, rmdir, unlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { HelperError, systemCode } from '../errors.js';
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js';
import { isSameContent, stampOf } from './disk/file-stamp.js';
import { deleteFailed } from './disk/storage-errors.js';
import { type FolderPath, pathOfFolder, withinFolder } from './folders/folder-walk.js';
import { filePath, groupByFolder } from './layout/file-layout.js';
import { isLinkThere, linkText } from './links/torrent-links.js';
import type { FileStamps } from './storage.js';

export interface DeleteRequest {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly contentPath: string;
  /** The download directory: stays, even if it is empty. */
  readonly root: string;
  /** What may be deleted, as it was when that was found out. */
  readonly owned: FileStamps;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with the files that stayed because they, or others in their place, were written to since. Missing ones are fine.
 * Rejects with a DISK_ code, naming the file, and leaves the rest as it is; with the signal's reason between two files.
 */
export async function deleteFiles(request: DeleteRequest): Promise<MetainfoFile[]> {
  const { metainfo, contentPath, root, owned } = request;
  const files = metainfo.files.filter(({ isPadding }) => !isPadding);
  // Before the files: without any that is the job's, links would be taken for those of somebody else at the next attempt.
  if (owned.size > 0) await deleteLinks(request);
  const changed: MetainfoFile[] = [];
  for (const { folder, members } of groupByFolder(contentPath, files)) {
    changed.push(...(await deleteWithin(request, folder, members)));
  }
  const folders = new Map<string, FolderPath>();
  for (const { folder } of groupByFolder(contentPath, [...files, ...metainfo.links])) {
    for (const depth of folder.names.keys()) {
      const above = { ...folder, names: folder.names.slice(0, depth + 1) };
      folders.set(pathOfFolder(above), above);
    }
  }
  // Parents come before their children.
  for (const [path, folder] of [...folders].reverse()) {
    if (resolve(path) === resolve(root)) continue;
    const above = { ...folder, names: folder.names.slice(0, -1) };
    await inFolder(above, (open) =>
      deleteUnless(stayingCodes, path, () => rmdir(join(open, basename(path)))),
    );
  }
  return changed;
}

const goneCodes = new Set<string | undefined>(['ENOENT']);
/** Of a folder that is not empty, for which POSIX allows EEXIST too, or is none any more. */
const stayingCodes = new Set<string | undefined>(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR']);

/** Those that say what the torrent's say. */
async function deleteLinks({ metainfo, contentPath, signal }: DeleteRequest): Promise<void> {
  for (const { folder, members } of groupByFolder(contentPath, metainfo.links)) {
    await inFolder(folder, async (open) => {
      for (const link of members) {
        signal?.throwIfAborted();
        const path = filePath(contentPath, link);
        const openPath = join(open, basename(path));
        await deleteUnless(goneCodes, path, async () => {
          if (await isLinkThere(openPath, linkText(contentPath, link))) await unlink(openPath);
        });
      }
    });
  }
}

async function deleteWithin(
  { contentPath, owned, signal }: DeleteRequest,
  folder: FolderPath,
  files: readonly MetainfoFile[],
): Promise<readonly MetainfoFile[]> {
  const changed: MetainfoFile[] = [];
  await inFolder(folder, async (open) => {
    for (const file of files) {
      signal?.throwIfAborted();
      const then = owned.get(file);
      const path = filePath(contentPath, file);
      const openPath = join(open, basename(path));
      if (!then) continue;
      await deleteUnless(goneCodes, path, async () => {
        const stats = await lstat(openPath, { bigint: true });
        // Another of the torrent's files may have been one of its names.
        if (stats.isFile() && isSameContent(then, stampOf(stats))) await unlink(openPath);
        else changed.push(file);
      });
    }
  });
  return changed;
}

/** `open`: its path while it is open. Nothing is done where the folder is missing, or something else has taken its place. */
async function inFolder(folder: FolderPath, task: (open: string) => Promise<void>) {
  try {
    await withinFolder(folder, task);
  } catch (error) {
    if (error instanceof HelperError && error.code === 'DESTINATION_EXISTS') return;
    const code = systemCode(error);
    if (error instanceof HelperError || code === undefined) throw error;
    if (!goneCodes.has(code)) throw deleteFailed(pathOfFolder(folder), error);
  }
}

async function deleteUnless(
  excuses: ReadonlySet<string | undefined>,
  path: string,
  deletion: () => Promise<void>,
): Promise<void> {
  try {
    await deletion();
  } catch (error) {
    if (!excuses.has(systemCode(error))) throw deleteFailed(path, error);
  }
}
