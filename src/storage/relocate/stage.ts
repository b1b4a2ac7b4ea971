// Stages a move: a second copy of what the torrent names, complete and safe on disk, in the vessel beside its new place.
// What lies at the old place is only read.
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { systemCode } from '../../errors.js';
import { makeDirectory } from '../../files/make-directory.js';
import { syncDirectory } from '../../files/sync-directory.js';
import { deleteFailed, moveFailed } from '../disk/storage-errors.js';
import { filePath, foldersOf } from '../layout/file-layout.js';
import { type Extent, findOriginals, mustBeRemovable, type Original } from './compare-copies.js';
import { linkOrCopy } from './copy-file.js';
import { isPlaced } from './is-committed.js';
import { writeMarker } from './marker.js';
import { type Move, mustBePossible, stagedPathOf, stagingFolderOf, taken } from './relocation.js';

/** A sync blocks a thread of Node's four for as long as the disk likes; reads need the others. */
const twinLanes = 2;

/**
 * What an earlier attempt left of a copy is removed first; if it got as far as placing it, there is nothing to do.
 * Rejects with HelperError REFUSED, DESTINATION_EXISTS, CONTENT_CHANGED or DISK_…, or with the signal's reason, and
 * nothing of the copy stays then.
 */
export async function stageContent(move: Move, extent: Extent, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const originals = await findOriginals(move.metainfo, move.from, extent);
  if (await isPlaced(move, originals)) return;
  await mustBePossible(move);
  await mustBeRemovable(originals);
  await removeStagingFolder(move);
  if (originals.length === 0) return;
  try {
    await makeCopy(move, originals, signal);
    await writeMarker(move);
  } catch (error) {
    await removeStagingFolder(move).catch(() => {}); // what went wrong first is what counts
    throw signal.aborted ? error : moveFailed(stagingFolderOf(move), 'written', error);
  }
}

/** Removes what was staged, then the note, last the empty folder. */
export async function removeStagingFolder(move: Pick<Move, 'metainfo' | 'to'>): Promise<void> {
  for (const path of [stagedPathOf(move), stagingFolderOf(move)]) {
    await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOTDIR') throw deleteFailed(path, error);
    });
  }
}

async function makeCopy(
  move: Move,
  originals: readonly Original[],
  signal: AbortSignal,
): Promise<void> {
  const stagedPath = stagedPathOf(move);
  await makeFolders(dirname(move.to));
  // Nobody else may look into private content while it has no folder of its own yet.
  await mkdir(stagingFolderOf(move), { mode: 0o700 });
  const folders = new Map(originals.flatMap(({ file }) => foldersBetween(move, file)));
  for (const [folder, original] of folders) {
    signal.throwIfAborted();
    const mode = ((await lstat(original)).mode & 0o777) | 0o700;
    await mkdir(folder, { mode });
    await chmod(folder, mode).catch(() => {}); // what the umask took; not every file system knows modes
  }
  await forEachConcurrent(twinLanes, originals, ({ file, path }) =>
    linkOrCopy(path, filePath(stagedPath, file), signal),
  );
  await forEachConcurrent(twinLanes, folders.keys(), syncDirectory);
  await syncDirectory(stagingFolderOf(move));
  signal.throwIfAborted();
}

/** The folders that lead to a file, those of the copy with those of the original. */
function foldersBetween(move: Move, file: Original['file']): (readonly [string, string])[] {
  const originals = foldersOf(move.from, file);
  return foldersOf(stagedPathOf(move), file).map((folder, depth) => [
    folder,
    originals[depth] ?? move.from,
  ]);
}

/** Makes a folder and those above it, where they are missing, and brings their names to the disk. */
async function makeFolders(path: string): Promise<void> {
  const topmost = await makeDirectory(path).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') throw taken(path, 'is not a folder');
    throw moveFailed(path, 'written', error);
  });
  if (topmost === undefined) return;
  for (let made = path; made !== dirname(made); made = dirname(made)) {
    await syncDirectory(dirname(made));
    if (made === topmost) break;
  }
}
