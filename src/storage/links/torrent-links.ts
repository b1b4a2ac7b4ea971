// The symbolic links of a torrent, as they are to lie on the disk: what each says, and whether it is there. A link is known
// by what it says alone; it is read, and never followed.
import { readlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { HelperError, systemCode } from '../../errors.js';
import type { MetainfoLink } from '../../metainfo/metainfo.js';
import { withinFolder } from '../folders/folder-walk.js';
import { filePath, groupByFolder } from '../layout/file-layout.js';

export interface LinkPlaces {
  readonly links: readonly MetainfoLink[];
  /** The torrent's folder. */
  readonly contentPath: string;
}

/** The way from the link's folder to where it leads, so that the content can be moved as a whole. Throws as `filePath`. */
export function linkText(contentPath: string, link: MetainfoLink): string {
  const target = filePath(contentPath, { path: link.target });
  return relative(dirname(filePath(contentPath, link)), target) || '.';
}

/** Whether a link that says just this lies there. Rejects with a system error if one may not look. */
export async function isLinkThere(path: string, text: string): Promise<boolean> {
  try {
    return (await readlink(path)) === text;
  } catch (error) {
    if (noLinkCodes.has(systemCode(error))) return false;
    throw error;
  }
}

/** Windows says UNKNOWN of what is no link. */
const noLinkCodes = new Set<string | undefined>(['ENOENT', 'ENOTDIR', 'EINVAL', 'UNKNOWN']);

/** Those that are there. Rejects with a system error, or with the signal's reason between two folders. */
export async function findLinks(
  { links, contentPath }: LinkPlaces,
  signal?: AbortSignal,
): Promise<readonly MetainfoLink[]> {
  const found: MetainfoLink[] = [];
  for (const { folder, members } of groupByFolder(contentPath, links)) {
    signal?.throwIfAborted();
    await withinFolder(folder, async (open) => {
      for (const link of members) {
        const path = join(open, basename(filePath(contentPath, link)));
        if (await isLinkThere(path, linkText(contentPath, link))) found.push(link);
      }
    }).catch((error: unknown) => {
      const isNoFolder = error instanceof HelperError && error.code === 'DESTINATION_EXISTS';
      if (!isNoFolder && !noLinkCodes.has(systemCode(error))) throw error;
    });
  }
  return found;
}
