// Ends a relocation: deletes what the torrent names at the source, as far as every byte of it lies at the target.
import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HelperError } from '../../errors.js';
import { syncDirectory } from '../../files/sync-directory.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { deleteFiles } from '../delete-files.js';
import { relocationFailed } from '../disk/storage-errors.js';
import { filePath } from '../layout/file-layout.js';
import { readMarker } from '../layout/relocation-marker.js';
import { stagingFolder } from '../layout/staging-folder.js';
import { findOriginals, findUncopied } from './compare-copies.js';
import { isAtTarget } from './relocation.js';
import { removeStagingFolder } from './stage.js';

/**
 * `contentPath`: the target, beside which a marker tells the source; without one there is nothing to do. May be called
 * again, after a restart too. Rejects with HelperError CONTENT_CHANGED or REFUSED if the source holds anything else than
 * what was copied, with DISK_… if it cannot be deleted, or with the signal's reason between two files; the marker stays
 * for another attempt.
 */
export async function removeSource(
  metainfo: Metainfo,
  contentPath: string,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const target = { metainfo, to: contentPath };
  const from = await readMarker(target);
  if (from === undefined || (await isAtTarget({ from, to: contentPath }))) {
    // All that was left to do, if a kill came after the marker was gone: it goes only if it is empty.
    await rmdir(stagingFolder(target)).catch(() => {});
    return;
  }
  const originals = await findOriginals(metainfo, from, 'what-is-there', signal);
  const uncopied = await findUncopied(originals, contentPath, signal);
  if (uncopied) throw changedMeanwhile(uncopied.path, contentPath);
  // The copy's name must survive a power cut before its source goes.
  await syncDirectory(dirname(contentPath)).catch((error: unknown) => {
    throw relocationFailed(dirname(contentPath), 'written', error);
  });
  const owned = new Map(originals.map(({ file, stamp }) => [file, stamp]));
  const [changed] = await deleteFiles({
    metainfo,
    contentPath: from,
    root: dirname(from),
    owned,
    signal,
  });
  if (changed) throw changedMeanwhile(filePath(from, changed), contentPath);
  await removeStagingFolder(target);
}

function changedMeanwhile(path: string, contentPath: string): HelperError {
  return new HelperError(
    'CONTENT_CHANGED',
    `${path} changed while it was moved to ${contentPath}; both are kept, delete the one you do not want`,
  );
}
