// Ends a move: deletes what the torrent names at the old place, as far as every byte of it lies at the new one.
import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HelperError } from '../../errors.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { deleteContent } from '../delete-files.js';
import { findOriginals, findUncopied } from './compare-copies.js';
import { readMarker } from './marker.js';
import { isThere, stagingFolderOf } from './relocation.js';
import { removeStagingFolder } from './stage.js';

/**
 * `contentPath`: the new place, beside which a note tells the old one; without a note there is nothing to do. May be
 * called again, after a restart too. Rejects with HelperError CONTENT_CHANGED or REFUSED if the old place holds anything
 * else than what was moved, with DISK_… if it cannot be deleted; the note stays for another attempt.
 */
export async function clearContent(metainfo: Metainfo, contentPath: string): Promise<void> {
  const place = { metainfo, to: contentPath };
  const from = await readMarker(place);
  if (from === undefined || (await isThere({ from, to: contentPath }))) {
    // All that was left to do, if a kill came after the note was gone: it goes only if it is empty.
    await rmdir(stagingFolderOf(place)).catch(() => {});
    return;
  }
  const originals = await findOriginals(metainfo, from, 'what-is-there');
  const twinless = await findUncopied(originals, contentPath);
  if (twinless) {
    throw new HelperError(
      'CONTENT_CHANGED',
      `${twinless.path} changed while it was moved to ${contentPath}; both are kept, delete the one you do not want`,
    );
  }
  await deleteContent({ metainfo, contentPath: from, root: dirname(from) });
  await removeStagingFolder(place);
}
