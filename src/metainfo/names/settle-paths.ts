// Gives every file of a torrent a path of its own: no two are one file, and none is a file and the folder of another. A
// path that can stay stays, letter for letter; what clashes with it gives way, by a number. Pure.
//
// All by sorting, so that no choice of names makes it slow, and no hash table is there to be slowed down.
import { compareKeys } from '../bencode-values.js';
import { numberName } from './mend-name.js';

export interface WantedPath {
  readonly path: readonly string[];
  /** It was mended already, and gives way to whatever was not. */
  readonly isMended: boolean;
}

export interface SettledPaths {
  /** In the order they were wanted in. */
  readonly paths: readonly (readonly string[])[];
  readonly taken: TakenPaths;
}

interface Pending {
  readonly index: number;
  readonly path: readonly string[];
  readonly key: string;
  /** How often its name was there before, as far as is known; and by how much the next attempt goes further. */
  readonly number: number;
  readonly stride: number;
}

/** NUL is in no name and comes before all else, so that the paths below a folder follow it at once. */
const separator = '\0';

/** macOS and Windows do not tell upper case from lower, nor one way of composing an accent from another. */
export function pathKey(path: readonly string[], platform: NodeJS.Platform): string {
  const key = path.join(separator);
  return platform === 'darwin' || platform === 'win32' ? foldCase(key) : key;
}

/** Whether `key` is of a path below `folder`. */
export function isBelow(key: string, folder: string): boolean {
  return key[folder.length] === separator && key.startsWith(folder);
}

/** The keys of paths that do not clash, sorted. So the file that would be the folder of another is its neighbour. */
export class TakenPaths {
  constructor(readonly keys: readonly string[] = []) {}

  has(key: string): boolean {
    return this.keys[this.indexOf(key)] === key;
  }

  /** Nothing is there, nor above it, nor below. */
  isFree(key: string): boolean {
    return !this.has(key) && !this.hasFolder(key) && this.above(key) === undefined;
  }

  /** Some path leads through it. */
  hasFolder(key: string): boolean {
    const next = this.keys[this.indexOf(`${key}${separator}`)];
    return next !== undefined && isBelow(next, key);
  }

  /** The one that `key` would lie below, if there is one. */
  above(key: string): string | undefined {
    const before = this.keys[this.indexOf(key) - 1];
    return before !== undefined && isBelow(key, before) ? before : undefined;
  }

  /** Both sorted. */
  with(added: readonly string[]): TakenPaths {
    if (added.length === 0) return this;
    const keys: string[] = [];
    let at = 0;
    for (const key of this.keys) {
      for (let next = added[at]; next !== undefined && next < key; next = added[at]) {
        keys.push(next);
        at += 1;
      }
      keys.push(key);
    }
    return new TakenPaths([...keys, ...added.slice(at)]);
  }

  /** Of the first that is no less. */
  indexOf(key: string): number {
    return firstFrom(this.keys, key);
  }
}

/** Where the first key lies that is no less. `keys`: sorted. */
export function firstFrom(keys: readonly string[], key: string): number {
  let from = 0;
  let to = keys.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] ?? '') < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Each of the wanted paths has a name. A file gives way to a folder, a mended path to others, a later one to the first. */
export function settlePaths(
  wanted: readonly WantedPath[],
  platform: NodeJS.Platform,
): SettledPaths {
  const paths = wanted.map(({ path }) => path);
  const keys = paths.map((path) => pathKey(path, platform));
  // As nearly every torrent has them.
  if (areSortedAndApart(keys)) return { paths, taken: new TakenPaths(keys) };
  let taken = new TakenPaths();
  const unmended: Pending[] = [];
  const mended: Pending[] = [];
  for (const [index, { path, isMended }] of wanted.entries()) {
    const key = keys[index] ?? '';
    (isMended ? mended : unmended).push({ index, path, key, number: 1, stride: 1 });
  }
  const rename = (pending: Pending, path: readonly string[]): Pending => ({
    ...pending,
    path,
    key: pathKey(path, platform),
  });
  let pending = unmended;
  for (let late = mended; pending.length > 0 || late.length > 0; late = []) {
    const { settled, below, clashing } = takeTurn(pending, taken);
    for (const { index, path } of settled) paths[index] = path;
    taken = taken.with(settled.map(({ key }) => key));
    pending = late;
    for (const [each, path] of renameFolders(below, taken, platform)) {
      pending.push(rename(each, path));
    }
    for (const alike of clashing) {
      for (const each of renumber(alike)) {
        const name = numberName(wanted[each.index]?.path.at(-1) ?? '', each.number, 'file');
        pending.push(rename(each, [...each.path.slice(0, -1), name]));
      }
    }
  }
  return { paths, taken };
}

/** No two are one, and none would be the folder of another. */
function areSortedAndApart(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index++) {
    const before = keys[index - 1] ?? '';
    const key = keys[index] ?? '';
    if (key <= before || isBelow(key, before)) return false;
  }
  return true;
}

interface Turn {
  readonly settled: readonly Pending[];
  /** They would lie below a file. */
  readonly below: readonly (readonly [pending: Pending, file: string])[];
  /** Those of one path together: it is taken, or the folder of another. */
  readonly clashing: readonly (readonly Pending[])[];
}

function takeTurn(pending: readonly Pending[], taken: TakenPaths): Turn {
  const sorted = pending.toSorted((a, b) => compareKeys(a.key, b.key) || a.index - b.index);
  const settled: Pending[] = [];
  const below: (readonly [Pending, string])[] = [];
  const clashing: (readonly Pending[])[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const first = sorted[from];
    if (first === undefined) break;
    const { key } = first;
    while (sorted[to]?.key === key) to += 1;
    const file = taken.above(key);
    if (file !== undefined) {
      for (const each of sorted.slice(from, to)) below.push([each, file]);
      continue;
    }
    const next = sorted[to];
    const isFolder = (next !== undefined && isBelow(next.key, key)) || taken.hasFolder(key);
    const isFree = !isFolder && !taken.has(key);
    if (isFree) settled.push(first);
    const rest = isFree ? from + 1 : from;
    if (rest < to) clashing.push(sorted.slice(rest, to));
  }
  return { settled, below, clashing };
}

/**
 * Each its own number. The next attempts go so much further that those of one path never meet again: all attempts together
 * are no more than there are paths.
 */
function renumber(alike: readonly Pending[]): readonly Pending[] {
  return alike.map((each, rank) => {
    const stride = Math.max(each.stride, alike.length);
    return { ...each, stride, number: each.number + (alike.length === 1 ? stride : rank + 1) };
  });
}

/** What would lie below one file goes to one folder, which is new: there is nothing there to clash with. */
function renameFolders(
  below: Turn['below'],
  taken: TakenPaths,
  platform: NodeJS.Platform,
): readonly (readonly [pending: Pending, path: readonly string[]])[] {
  let last: { readonly file: string; readonly name: string } | undefined;
  return below.map(([pending, file]) => {
    const { path } = pending;
    const depth = file.split(separator).length;
    if (last?.file !== file) {
      last = { file, name: freeFolder(path.slice(0, depth), taken, platform) };
    }
    return [pending, [...path.slice(0, depth - 1), last.name, ...path.slice(depth)]];
  });
}

function freeFolder(path: readonly string[], taken: TakenPaths, platform: NodeJS.Platform): string {
  const parent = path.slice(0, -1);
  for (let number = 2; ; number++) {
    const name = numberName(path.at(-1) ?? '', number, 'folder');
    const key = pathKey([...parent, name], platform);
    if (!taken.has(key) && !taken.hasFolder(key)) return name;
  }
}

/** Upper case first: it takes the long s and the final sigma along. */
function foldCase(text: string): string {
  return text.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');
}
