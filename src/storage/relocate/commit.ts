// Gives the staged copy its name, in one step that never takes the place of anything. What lies at the old place stays.
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../../errors.js';
import { syncDirectory } from '../../files/sync-directory.js';
import { moveFailed } from '../disk/storage-errors.js';
import { findOriginals, findUncopied } from './compare-copies.js';
import { isPlaced } from './is-committed.js';
import { type Move, mustBeFree, stagedPathOf, taken } from './relocation.js';
import { removeStagingFolder, stageContent } from './stage.js';

/**
 * Moves what is there, staged or not; nobody may write to it meanwhile. An attempt that a kill broke off is gone on with.
 * Rejects as `stageContent` does, with everything as it was.
 */
export async function placeContent(
  move: Move,
  isStaged: boolean,
  signal: AbortSignal,
): Promise<void> {
  const originals = await findOriginals(move.metainfo, move.from, 'what-is-there');
  if (await isPlaced(move, originals)) return;
  try {
    if (!isStaged || (await findUncopied(originals, stagedPathOf(move)))) {
      await stageContent(move, 'what-is-there', signal);
    }
    signal.throwIfAborted();
    if (originals.length === 0) await mustBeFree(move.to);
    else await place(stagedPathOf(move), move);
  } catch (error) {
    await removeStagingFolder(move).catch(() => {}); // what went wrong first is what counts
    throw error;
  }
  await syncDirectory(dirname(move.to));
}

async function place(staged: string, { metainfo, to }: Move): Promise<void> {
  try {
    await mustBeFree(to);
    // A folder takes the place of an empty one at most. A file would take that of any other.
    if (metainfo.isFolder) await rename(staged, to);
    else await placeFile(staged, to);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'ENOTDIR') {
      throw taken(to, 'appeared where the content would move to');
    }
    throw moveFailed(to, 'written', error);
  }
}

async function placeFile(staged: string, to: string): Promise<void> {
  try {
    await link(staged, to);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error;
    // No hard links here: an empty file of our own keeps others off the name until the copy takes its place.
    await (await open(to, 'wx')).close();
    await rename(staged, to).catch(async (failure: unknown) => {
      await rm(to, { force: true });
      throw failure;
    });
  }
}
