// A relocation: which content goes where, and what is refused before anything is touched.
//
// How it goes, so that a kill at any moment leaves a complete copy at the source or at the target:
//   1. staged: a second copy is made in a staging folder, a hidden one beside the target, file by file, by link or verified
//      copy; then a marker of where it came from. The source is not touched.
//   2. committed: one step takes the copy out of the staging folder and gives it its name. The marker tells a later
//      attempt so.
//   3. source removed: only now, and only what has its copy at the target, is deleted at the source; then the staging
//      folder goes.
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { HelperError, systemCode } from '../../errors.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { relocationFailed } from '../disk/storage-errors.js';
import { readMarker } from '../layout/relocation-marker.js';
import type { RelocationTarget } from '../layout/staging-folder.js';

/** The target gets the source's name. */
export interface Relocation extends RelocationTarget {
  /** The source: the file itself for a single-file torrent, else the folder that holds the files. */
  readonly from: string;
}

/** `dir`: the folder the content is to lie in, relative to the working directory or absolute. */
export function planRelocation(dir: string, metainfo: Metainfo, contentPath: string): Relocation {
  const from = resolve(contentPath);
  return { metainfo, from, to: join(resolve(dir), basename(from)) };
}

/** Whether an earlier attempt came so far that a copy of the source has the target's name. Rejects as `readMarker`. */
export async function isCommitted(relocation: Relocation): Promise<boolean> {
  return (await readMarker(relocation)) === relocation.from;
}

const missingCodes = new Set<string | undefined>(['ENOENT', 'ENOTDIR']);

/** Whether the content lies in the target's folder already, by whatever name of that. */
export async function isAtTarget({ from, to }: Pick<Relocation, 'from' | 'to'>): Promise<boolean> {
  const [source, target] = await Promise.all([from, to].map((path) => identify(dirname(path))));
  return source !== undefined && source.dev === target?.dev && source.ino === target.ino;
}

/** Rejects with REFUSED for what cannot be moved there, with DESTINATION_EXISTS if something has the name. */
export async function mustBePossible(relocation: Relocation): Promise<void> {
  const { metainfo, from, to } = relocation;
  // Some disks give a name back with its accents composed in another way.
  if (basename(from).normalize() !== metainfo.name.normalize()) {
    throw relocationRefused(from, `was published as ${metainfo.name}, through a symbolic link`);
  }
  await mustNotLieInside(dirname(to), from);
  await mustBeFree(to);
}

export async function mustBeFree(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (missingCodes.has(systemCode(error))) return undefined;
    throw relocationFailed(path, 'read', error);
  });
  if (stats) throw targetTaken(path, 'lies where the content would move to');
}

/** `what` tells what lies there, as in `/a/b is a file`. */
export function targetTaken(path: string, what: string): HelperError {
  return new HelperError(
    'DESTINATION_EXISTS',
    `${path} ${what}; move it away, or choose another folder`,
  );
}

export function relocationRefused(path: string, what: string): HelperError {
  return new HelperError('REFUSED', `${path} ${what}; it cannot be moved, and stays where it is`);
}

async function mustNotLieInside(dir: string, content: string): Promise<void> {
  const real = await realpath(content).catch(() => content);
  const below = relative(real, await realOf(dir));
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

async function identify(path: string) {
  return stat(path, { bigint: true }).catch(() => undefined);
}
