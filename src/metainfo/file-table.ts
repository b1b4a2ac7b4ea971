// The files of a torrent as a table of three columns: a few objects for a hundred thousand files, which take little memory
// and cross between threads in no time. Pure.
import type { MetainfoFile } from './metainfo.js';

export interface FileTable {
  /** The paths of all files, one after the other. */
  readonly paths: string;
  readonly lengthsBytes: readonly number[];
  /** Which of them are padding, by index. */
  readonly padding: readonly number[];
}

/** Neither is in any name of a torrent's files. */
const betweenNames = '\0';
const betweenPaths = '/';

export function tableOf(files: readonly MetainfoFile[]): FileTable {
  return {
    paths: files.map(({ path }) => path.join(betweenNames)).join(betweenPaths),
    lengthsBytes: files.map(({ lengthBytes }) => lengthBytes),
    padding: files.flatMap(({ isPadding }, index) => (isPadding ? [index] : [])),
  };
}

export function filesIn({ paths, lengthsBytes, padding }: FileTable): readonly MetainfoFile[] {
  const joined = paths.split(betweenPaths);
  const isPadding = new Set(padding);
  let offsetBytes = 0;
  return lengthsBytes.map((lengthBytes, index) => {
    const path = pathOf(joined[index] ?? '');
    const file = { path, lengthBytes, offsetBytes };
    offsetBytes += lengthBytes;
    return isPadding.has(index) ? { ...file, isPadding: true } : file;
  });
}

/** How many names all paths have together; that of an only file that lies in no folder counts as one. */
export function countNames({ paths, lengthsBytes }: FileTable): number {
  let names = lengthsBytes.length;
  for (let at = paths.indexOf(betweenNames); at !== -1; at = paths.indexOf(betweenNames, at + 1)) {
    names += 1;
  }
  return names;
}

/** That of a torrent's only file, if it lies in no folder, has no names. */
function pathOf(joined: string): readonly string[] {
  return joined === '' ? [] : joined.split(betweenNames);
}
