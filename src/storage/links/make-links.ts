// Makes the symbolic links of a torrent, once its files are there: so what a file lies in is a folder by then, and no link.
// It follows none, and takes the place of nothing. One that cannot be made is left out and told: it holds no bytes.
import { lstat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HelperError, systemCode } from '../../errors.js';
import { diskErrorCode } from '../../files/disk-error-code.js';
import { syncDirectory } from '../../files/sync-directory.js';
import type { MetainfoLink } from '../../metainfo/metainfo.js';
import { writeFailed } from '../disk/storage-errors.js';
import { makeFolder, pathOfFolder, withinFolder } from '../folders/folder-walk.js';
import { filePath, groupByFolder } from '../layout/file-layout.js';
import { isLinkThere, type LinkPlaces, linkText } from './torrent-links.js';

/** Of files and links alike, and the job tries again. Whatever else a disk says, it is of links alone. */
const passingCodes = new Set(['DISK_FULL', 'DISK_GONE', 'FILES_EXHAUSTED']);

/**
 * Resolves when those that were made are safe on disk, and so are their folders: with a warning if some are not there.
 * Rejects with a DISK_ code or FILES_EXHAUSTED.
 */
export async function makeLinks({
  links,
  contentPath,
}: LinkPlaces): Promise<HelperError | undefined> {
  if (links.length === 0) return undefined;
  await mustBeThere(contentPath);
  const changed = new Set<string>();
  let leftOut: LeftOut | undefined;
  const leave = (link: MetainfoLink, error: unknown) => {
    const reason = reasonOf(filePath(contentPath, link), error);
    leftOut = { ...(leftOut ?? { link, reason }), count: (leftOut?.count ?? 0) + 1 };
  };
  for (const { folder, members } of groupByFolder(contentPath, links)) {
    const path = pathOfFolder(folder);
    try {
      if (!(await isThere(path))) await makeFolder(folder, (parent) => changed.add(parent));
      await withinFolder(folder, async (open) => {
        for (const link of members) {
          try {
            if (await makeLink(open, contentPath, link)) changed.add(path);
          } catch (error) {
            leave(link, error);
          }
        }
      });
    } catch (error) {
      for (const link of members) leave(link, error);
    }
  }
  for (const path of changed) await sync(path);
  return leftOut && notMade(contentPath, leftOut);
}

/** The first of those that are not there, and how many there are. */
interface LeftOut {
  readonly link: MetainfoLink;
  readonly reason: string;
  readonly count: number;
}

/** Rejects with DISK_GONE if the torrent's folder has gone since its files were looked at: it is not made anew for links. */
async function mustBeThere(contentPath: string): Promise<void> {
  const folder = { root: dirname(contentPath), names: [basename(contentPath)] };
  await withinFolder(folder, async () => {}).catch((error: unknown) => {
    throw writeFailed(contentPath, error);
  });
}

/** What it is, the walk tells. */
function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** False if it is there. `open`: a path of its folder. Rejects with a system error, EEXIST if anything else has its name. */
async function makeLink(open: string, contentPath: string, link: MetainfoLink): Promise<boolean> {
  const path = join(open, basename(filePath(contentPath, link)));
  const text = linkText(contentPath, link);
  if (await isLinkThere(path, text)) return false;
  await symlink(text, path);
  return true;
}

async function sync(path: string): Promise<void> {
  await syncDirectory(path).catch((error: unknown) => {
    throw writeFailed(path, error);
  });
}

/** Why there can be no link at `path`. Throws what was thrown, with a code, if it is more than that. */
function reasonOf(path: string, error: unknown): string {
  if (error instanceof HelperError && error.code !== 'DESTINATION_EXISTS') throw error;
  if (error instanceof HelperError || systemCode(error) === 'EEXIST') {
    return 'something else lies there, and is left; move it away and give the job again';
  }
  if (passingCodes.has(diskErrorCode(error))) throw writeFailed(path, error);
  return `the disk takes none there from this user (${systemCode(error)})`;
}

function notMade(contentPath: string, { link, reason, count }: LeftOut): HelperError {
  const others = count === 1 ? '' : `; so it is with ${count - 1} more`;
  return new HelperError(
    'LINKS_SKIPPED',
    `${filePath(contentPath, link)} is not the symbolic link to ${linkText(contentPath, link)} that the torrent has: ${reason}${others}`,
  );
}
