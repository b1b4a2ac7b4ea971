// Stages a relocation: a second copy of what the torrent names, complete and safe on disk, in the staging folder beside the
// target. The source is only read.
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { HelperError, systemCode } from '../../errors.js';
import { makeDirectory } from '../../files/make-directory.js';
import { syncDirectory } from '../../files/sync-directory.js';
import type { MetainfoLink } from '../../metainfo/metainfo.js';
import { deleteFailed, relocationFailed } from '../disk/storage-errors.js';
import { withinFolder } from '../folders/folder-walk.js';
import { filePath, foldersOf, type Placed } from '../layout/file-layout.js';
import { writeMarker } from '../layout/relocation-marker.js';
import {
  pathOfStaging,
  type RelocationTarget,
  stagedContentPath,
  stagingFolder,
} from '../layout/staging-folder.js';
import { makeLinks } from '../links/make-links.js';
import { findLinks } from '../links/torrent-links.js';
import {
  findOriginals,
  findUncopied,
  mustBeRemovable,
  type Original,
  type SourceExtent,
} from './compare-copies.js';
import { linkOrCopyFile } from './copy-file.js';
import { isCommitted, mustBePossible, type Relocation, targetTaken } from './relocation.js';

/** A sync blocks a thread of Node's four for as long as the disk likes; reads need the others. */
const copiesAtOnce = 2;

/**
 * What an earlier attempt left of a copy is removed first; if it got as far as committing it, there is nothing to do.
 * Rejects with HelperError REFUSED, DESTINATION_EXISTS, CONTENT_CHANGED or DISK_…, or with the signal's reason soon after
 * it aborts, and nothing of the copy stays then.
 */
export async function stageContent(
  relocation: Relocation,
  extent: SourceExtent,
  signal: AbortSignal,
): Promise<void> {
  const { metainfo, from, to } = relocation;
  const wasCommitted = await isCommitted(relocation);
  try {
    signal.throwIfAborted();
    const originals = await findOriginals(metainfo, from, extent, signal);
    // Nothing may be missing of what is left of the source.
    if (wasCommitted && !(await findUncopied(originals, to, signal))) return;
    await mustBePossible(relocation);
    const links = await findLinks({ links: metainfo.links, contentPath: from }, signal);
    const linkPaths = links.map((link) => ({ path: filePath(from, link) }));
    await mustBeRemovable([...originals, ...linkPaths], signal);
    await removeStagingFolder(relocation);
    if (originals.length === 0) return;
    await makeFolders(dirname(to));
    // Nobody else may look into private content while it has no folder of its own yet.
    await mkdir(stagingFolder(relocation), { mode: 0o700 });
    await withinFolder(pathOfStaging(relocation), async (open) => {
      await makeCopy(relocation, { originals, links }, open, signal);
      await writeMarker(open, relocation, from);
    });
    signal.throwIfAborted();
  } catch (error) {
    // What went wrong first is what counts. Without its marker, a copy that has its name would be a stranger's.
    if (!wasCommitted) await removeStagingFolder(relocation).catch(() => {});
    signal.throwIfAborted();
    throw relocationFailed(stagingFolder(relocation), 'written', error);
  }
}

/** Removes what was staged, then the marker, last the empty folder. */
export async function removeStagingFolder(target: RelocationTarget): Promise<void> {
  const folder = stagingFolder(target);
  try {
    await withinFolder(pathOfStaging(target), (open) => remove(join(open, basename(target.to))));
  } catch (error) {
    // What else has the folder's name, goes by that.
    const isNone = error instanceof HelperError && error.code === 'DESTINATION_EXISTS';
    if (!isNone && !missingCodes.has(systemCode(error))) throw deleteFailed(folder, error);
  }
  await remove(folder).catch((error: unknown) => {
    if (!missingCodes.has(systemCode(error))) throw deleteFailed(folder, error);
  });
}

const missingCodes = new Set<string | undefined>(['ENOENT', 'ENOTDIR']);

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

interface Source {
  readonly originals: readonly Original[];
  /** Those that are there. They hold no bytes, and can be made anew: where the target's disk takes none, it has none. */
  readonly links: readonly MetainfoLink[];
}

/** `open`: a path of the staging folder. */
async function makeCopy(
  relocation: Relocation,
  { originals, links }: Source,
  open: string,
  signal: AbortSignal,
): Promise<void> {
  const { from, to } = relocation;
  const stagedPath = join(open, basename(to));
  const placed = [...originals.map(({ file }) => file), ...links];
  const folders = new Map(placed.flatMap((each) => foldersBetween(from, stagedPath, each)));
  for (const [folder, original] of folders) {
    signal.throwIfAborted();
    const mode = ((await lstat(original)).mode & 0o777) | 0o700;
    await mkdir(folder, { mode });
    await chmod(folder, mode).catch(() => {}); // what the umask took; not every file system knows modes
  }
  await forEachConcurrent(copiesAtOnce, originals, ({ file, path }) => {
    const named = filePath(stagedContentPath(relocation), file);
    return linkOrCopyFile(path, { path: filePath(stagedPath, file), named }, signal);
  });
  await makeLinks({ links, contentPath: stagedPath });
  await forEachConcurrent(copiesAtOnce, folders.keys(), async (folder) => {
    signal.throwIfAborted();
    await syncDirectory(folder);
  });
  await syncDirectory(open);
  signal.throwIfAborted();
}

/** The folders that lead to a file or link, those of the copy with those of the original. */
function foldersBetween(
  from: string,
  stagedPath: string,
  placed: Placed,
): (readonly [string, string])[] {
  const originals = foldersOf(from, placed);
  return foldersOf(stagedPath, placed).map((folder, depth) => [folder, originals[depth] ?? from]);
}

/** Makes a folder and those above it, where they are missing, and brings their names to the disk. */
async function makeFolders(path: string): Promise<void> {
  const made = await makeDirectory(path).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') throw targetTaken(path, 'is not a folder');
    throw relocationFailed(path, 'written', error);
  });
  for (const folder of made) await syncDirectory(dirname(folder));
}
