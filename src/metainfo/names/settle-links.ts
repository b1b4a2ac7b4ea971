// The symbolic links of a torrent (BEP 47) that can be made: each lies where nothing else does, and leads to a file or a
// folder of the same torrent, by way of real folders alone. The rest is left out. Pure.
import { metainfoLimits } from '../../limits.js';
import { compareKeys } from '../bencode-values.js';
import type { MetainfoLink } from '../metainfo.js';
import {
  firstFrom,
  isBelow,
  pathKey,
  type SettledPaths,
  TakenPaths,
  type WantedPath,
} from './settle-paths.js';

export interface WantedLink {
  readonly path: readonly string[];
  /** As it stands there, `.` and `..` with it; undefined where it says none. */
  readonly target: readonly string[] | undefined;
}

export interface SettledLinks {
  readonly links: readonly MetainfoLink[];
  /** The paths of those left out. */
  readonly skipped: readonly (readonly string[])[];
}

interface Keyed<T> {
  readonly key: string;
  readonly value: T;
}

/** `wanted`: the files, as they were before they were settled. */
export function settleLinks(
  links: readonly WantedLink[],
  wanted: readonly WantedPath[],
  settled: SettledPaths,
  platform: NodeJS.Platform,
): SettledLinks {
  if (links.length === 0) return { links: [], skipped: [] };
  const sort = <T extends { readonly path: readonly string[] }>(values: readonly T[]) =>
    values
      .map((value, index) => ({ key: pathKey(value.path, platform), value, index }))
      .sort((a, b) => compareKeys(a.key, b.key) || a.index - b.index);

  const placed = withoutClashes(sort(links), settled.taken);
  const places = new TakenPaths(placed.map(({ key }) => key));
  const files = sort(wanted.map(({ path }, index) => ({ path, settled: settled.paths[index] })));
  const fileKeys = files.map(({ key }) => key);

  const linkOn = (key: string) => (places.has(key) ? key : places.above(key));
  const fileAtOrBelow = (key: string) => {
    const found = files[firstFrom(fileKeys, key)];
    return found && (found.key === key || isBelow(found.key, key)) ? found.value : undefined;
  };
  const keyOf = (path: readonly string[]) => pathKey(path, platform);
  const isThere = (path: readonly string[]) =>
    linkOn(keyOf(path)) !== undefined || fileAtOrBelow(keyOf(path)) !== undefined;

  /** Where the links on the way are followed. No link lies below another, so it is one search for each. */
  const follow = (link: WantedLink): readonly string[] | undefined => {
    let path = readTarget(link, isThere);
    for (let hops = 0; path !== undefined && hops <= metainfoLimits.linkHops; hops++) {
      if (path.length > metainfoLimits.linkTargetNames) return undefined;
      const key = keyOf(path);
      if (key.length > metainfoLimits.linkTargetLength) return undefined;
      const way = linkOn(key);
      if (way === undefined) return path;
      const next = placed[places.indexOf(way)]?.value;
      const target = next && readTarget(next, isThere);
      path = target && [...target, ...path.slice(next.path.length)];
    }
    return undefined;
  };

  const made: MetainfoLink[] = [];
  const skipped: (readonly string[])[] = [];
  for (const link of links) {
    const key = keyOf(link.path);
    const isPlaced = placed[places.indexOf(key)]?.value === link;
    const real = isPlaced ? follow(link) : undefined;
    const target = real && fileAtOrBelow(keyOf(real))?.settled?.slice(0, real.length);
    // A folder that holds the link itself would have no end.
    if (target && !isBelow(key, keyOf(target))) made.push({ path: link.path, target });
    else skipped.push(link.path);
  }
  return { links: made, skipped };
}

/** Those that lie where no file does, nor a folder, and below no file and no other link. */
function withoutClashes(
  sorted: readonly Keyed<WantedLink>[],
  taken: TakenPaths,
): readonly Keyed<WantedLink>[] {
  const placed: Keyed<WantedLink>[] = [];
  for (const link of sorted) {
    const { key } = link;
    const before = placed.at(-1)?.key;
    const clashesWithLink = before !== undefined && (key === before || isBelow(key, before));
    if (!clashesWithLink && taken.isFree(key)) placed.push(link);
  }
  return placed;
}

/**
 * Below the torrent's own folder, as BEP 47 has it. Where nothing is there: seen from the link's own folder, as those
 * write it who copy what a link on disk says.
 */
function readTarget(
  { path, target }: WantedLink,
  isThere: (path: readonly string[]) => boolean,
): readonly string[] | undefined {
  if (target === undefined || target.length > metainfoLimits.linkTargetNames) return undefined;
  const fromRoot = resolveNames([], target);
  if (fromRoot && isThere(fromRoot)) return fromRoot;
  return resolveNames(path.slice(0, -1), target);
}

/** Undefined if it leads to the torrent's own folder, or out of it. */
function resolveNames(
  folder: readonly string[],
  names: readonly string[],
): readonly string[] | undefined {
  const path = [...folder];
  for (const name of names) {
    if (name === '..' && path.pop() === undefined) return undefined;
    if (name !== '..' && name !== '.') path.push(name);
  }
  return path.length > 0 ? path : undefined;
}
