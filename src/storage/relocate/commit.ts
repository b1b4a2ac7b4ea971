// Gives the staged copy its name, in one step that never takes the place of anything. The source stays.
import { rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../../errors.js';
import { renameExclusively } from '../../files/rename-exclusively.js';
import { syncDirectory } from '../../files/sync-directory.js';
import { relocationFailed } from '../disk/storage-errors.js';
import { withinFolder } from '../folders/folder-walk.js';
import { pathOfStaging, stagedContentPath } from '../layout/staging-folder.js';
import { findOriginals, findUncopied } from './compare-copies.js';
import { isCommitted, mustBeFree, type Relocation, targetTaken } from './relocation.js';
import { removeStagingFolder, stageContent } from './stage.js';

/**
 * Commits what is there, staged or not; nobody may write to it meanwhile. An attempt that a kill broke off is gone on with.
 * Rejects as `stageContent` does: then the source is as it was, nothing has the target's name, and nothing staged is left.
 * Once the copy has its name, it resolves: a signal that aborts later changes nothing.
 */
export async function commitContent(
  relocation: Relocation,
  isStaged: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { metainfo, from, to } = relocation;
  const wasCommitted = await isCommitted(relocation);
  try {
    signal.throwIfAborted();
    const originals = await findOriginals(metainfo, from, 'what-is-there', signal);
    if (wasCommitted && !(await findUncopied(originals, to, signal))) return;
    if (!isStaged || (await findUncopied(originals, stagedContentPath(relocation), signal))) {
      await stageContent(relocation, 'what-is-there', signal);
    }
    await mustBeFree(to);
    signal.throwIfAborted();
    if (originals.length > 0) await commit(relocation);
  } catch (error) {
    // What went wrong first is what counts.
    if (!wasCommitted) await removeStagingFolder(relocation).catch(() => {});
    throw error;
  }
  // Too late to refuse: before the source is removed, the disk is asked again.
  await syncDirectory(dirname(to)).catch(() => {});
}

async function commit(relocation: Relocation): Promise<void> {
  const { metainfo, to } = relocation;
  try {
    await withinFolder(pathOfStaging(relocation), async (open) => {
      const staged = join(open, basename(to));
      // A folder takes the place of an empty one at most. A file would take that of any other.
      if (metainfo.isFolder) await rename(staged, to);
      else if (!(await renameExclusively(staged, to))) throw appeared(to);
    });
  } catch (error) {
    const code = systemCode(error);
    const isTaken = code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'ENOTDIR';
    throw isTaken ? appeared(to) : relocationFailed(to, 'written', error);
  }
}

function appeared(path: string) {
  return targetTaken(path, 'appeared where the content would move to');
}
