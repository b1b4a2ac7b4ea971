// A move: which content goes where, and what is refused before anything is touched.
//
// How it goes, so that a kill at any moment leaves a complete copy at the old place or at the new one:
//   1. staged: a second copy is made in a vessel, a hidden folder in the new one, file by file, by link or verified copy;
//      then a note of where it came from. What lies at the old place is not touched.
//   2. placed: one step takes the copy out of the vessel and gives it its name. The note tells a later attempt so.
//   3. cleared: only now, and only what has its twin at the new place, is deleted at the old one; then the vessel goes.
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HelperError, systemCode } from '../../errors.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { moveFailed } from '../disk/storage-errors.js';

export interface Move {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly from: string;
  readonly to: string;
}

/** `dir`: the folder the content is to lie in, relative to the working directory or absolute. */
export function moveInto(dir: string, metainfo: Metainfo, contentPath: string): Move {
  const from = resolve(contentPath);
  return { metainfo, from, to: join(resolve(dir), basename(from)) };
}

/** The hidden folder beside the content's new place: one for each torrent, so that a later attempt finds it. */
export function stagingFolderOf({ metainfo, to }: Pick<Move, 'metainfo' | 'to'>): string {
  return join(dirname(to), `.bittorrent-helper-${metainfo.infoHash}.moving`);
}

/** Where the copy lies until it has its name. */
export function stagedPathOf(move: Pick<Move, 'metainfo' | 'to'>): string {
  return join(stagingFolderOf(move), basename(move.to));
}

const notThere = new Set<string | undefined>(['ENOENT', 'ENOTDIR']);

/** Whether the content lies in that folder already, by whatever name of it. */
export async function isThere({ from, to }: Pick<Move, 'from' | 'to'>): Promise<boolean> {
  const [old, next] = await Promise.all([from, to].map((path) => lookAtFolder(dirname(path))));
  return old !== undefined && old.dev === next?.dev && old.ino === next.ino;
}

/** Rejects with REFUSED for what cannot be moved there, with DESTINATION_EXISTS if something has the name. */
export async function mustBePossible(move: Move): Promise<void> {
  const { metainfo, from, to } = move;
  // Some disks give a name back with its accents composed in another way.
  if (basename(from).normalize() !== metainfo.name.normalize()) {
    throw refused(from, `was published as ${metainfo.name}, through a symbolic link`);
  }
  await mustNotLieInside(dirname(to), from);
  await mustBeFree(to);
}

export async function mustBeFree(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (notThere.has(systemCode(error))) return undefined;
    throw moveFailed(path, 'read', error);
  });
  if (stats) throw taken(path, 'lies where the content would move to');
}

/** `what` tells what lies there, as in `/a/b is a file`. */
export function taken(path: string, what: string): HelperError {
  return new HelperError(
    'DESTINATION_EXISTS',
    `${path} ${what}; move it away, or choose another folder`,
  );
}

export function refused(path: string, what: string): HelperError {
  return new HelperError('REFUSED', `${path} ${what}; it cannot be moved, and stays where it is`);
}

async function mustNotLieInside(dir: string, content: string): Promise<void> {
  const place = await realpath(content).catch(() => content);
  const below = relative(place, await realOf(dir));
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) return;
  throw new HelperError(
    'REFUSED',
    `${dir} lies inside of what is to move there; choose another folder`,
  );
}

/** The real path of a folder that need not exist yet. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || path === dirname(path)) return path;
    return join(await realOf(dirname(path)), basename(path));
  }
}

async function lookAtFolder(path: string) {
  return stat(path, { bigint: true }).catch(() => undefined);
}
