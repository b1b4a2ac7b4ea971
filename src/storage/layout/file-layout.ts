// Where a torrent's one long run of bytes lies: which part of which file, and the path of that file. Pure.
import { basename, dirname, join } from 'node:path';
import { HelperError } from '../../errors.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { FolderPath } from '../folders/folder-walk.js';

/** What has a place in a torrent's folder: a file, or a link. */
export type Placed = Pick<MetainfoFile, 'path'>;

/** A part of one file. */
export interface Span {
  readonly file: MetainfoFile;
  /** Where the part begins in its file. */
  readonly positionBytes: number;
  readonly lengthBytes: number;
}

/** The parts of files that make up a range of the torrent, in order, none of them empty. */
export function spansOf(metainfo: Metainfo, offsetBytes: number, lengthBytes: number): Span[] {
  const endBytes = offsetBytes + lengthBytes;
  const spans: Span[] = [];
  for (let index = fileIndexAt(metainfo.files, offsetBytes); ; index++) {
    const file = metainfo.files[index];
    if (!file || file.offsetBytes >= endBytes) return spans;
    const from = Math.max(offsetBytes, file.offsetBytes);
    const to = Math.min(endBytes, file.offsetBytes + file.lengthBytes);
    if (to <= from) continue;
    spans.push({ file, positionBytes: from - file.offsetBytes, lengthBytes: to - from });
  }
}

/** The numbers of the pieces that hold a byte of `file`, in order. */
export function* piecesOf(metainfo: Metainfo, file: MetainfoFile): Generator<number> {
  const { pieceLengthBytes } = metainfo;
  const endBytes = file.offsetBytes + file.lengthBytes;
  if (file.lengthBytes === 0) return;
  for (let index = Math.floor(file.offsetBytes / pieceLengthBytes); ; index++) {
    if (index * pieceLengthBytes >= endBytes) return;
    yield index;
  }
}

/**
 * The path of a torrent's file or link. Names were validated when the metainfo was read; they are looked at once more
 * because content must never land outside `contentPath`.
 */
export function filePath(contentPath: string, placed: Placed): string {
  for (const name of placed.path) mustBeSafe(name, placed);
  return join(contentPath, ...placed.path);
}

/** The name that it has in its folder. Throws as `filePath` does. */
export function nameOf(contentPath: string, placed: Placed): string {
  const name = placed.path.at(-1);
  if (name === undefined) return basename(contentPath);
  mustBeSafe(name, placed);
  return name;
}

function mustBeSafe(name: string, { path }: Placed): void {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)) return;
  throw new HelperError(
    'METAINFO_INVALID',
    `the torrent names a file ${JSON.stringify(path.join('/'))}, which is no safe path; get another .torrent`,
  );
}

/** The folders that lead to a file, from `contentPath` down; none for a single-file torrent. */
export function foldersOf(contentPath: string, { path }: Placed): string[] {
  return path.map((_, depth) => join(contentPath, ...path.slice(0, depth)));
}

/** The folder that a file lies in, from the one that holds `contentPath` down. Throws as `filePath` does. */
export function folderOf(contentPath: string, placed: Placed): FolderPath {
  const names = [basename(contentPath), ...placed.path];
  filePath(contentPath, placed);
  return { root: dirname(contentPath), names: names.slice(0, -1) };
}

/** What lies in one folder together, so that each is gone to once. */
export function groupByFolder<T extends Placed>(
  contentPath: string,
  all: Iterable<T>,
): { readonly folder: FolderPath; readonly members: readonly T[] }[] {
  const groups = new Map<string, { folder: FolderPath; members: T[] }>();
  for (const placed of all) {
    const folder = folderOf(contentPath, placed);
    const path = join(folder.root, ...folder.names);
    const group = groups.get(path) ?? { folder, members: [] };
    groups.set(path, group);
    group.members.push(placed);
  }
  return [...groups.values()];
}

/** The last file that begins at or before the offset: the one that holds the byte there. */
export function fileIndexAt(files: readonly MetainfoFile[], offsetBytes: number): number {
  let low = 0;
  let high = files.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((files[middle]?.offsetBytes ?? Number.POSITIVE_INFINITY) <= offsetBytes) low = middle;
    else high = middle - 1;
  }
  return low;
}
