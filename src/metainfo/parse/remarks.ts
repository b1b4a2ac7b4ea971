// What is said of a torrent that was not taken quite as it stands: one sentence a code, with the first case and the count,
// so that a hundred thousand of them are one warning.

import type { MetainfoRemark } from '../metainfo.js';
import type { Name, NameDecoder } from '../names/decode-names.js';
import { quote } from '../quote.js';
import type { BencodeFlaws } from '../scan-bencode.js';

type Remarks = readonly MetainfoRemark[];

export function remarkOnFlaws(flaws: BencodeFlaws | undefined): Remarks {
  if (flaws === undefined) return [];
  const what =
    flaws.count === 1
      ? `a flaw that changes nothing of its content: ${flaws.first}`
      : `${flaws.count} flaws that change nothing of its content, the first: ${flaws.first}`;
  return [
    { code: 'METAINFO_FLAWED', message: `the metainfo has ${what}; it is used all the same` },
  ];
}

/** `names` as they stand there, and `paths` as they are to be on disk; `decoder`, where some were not UTF-8. */
export function remarkOnNames(
  names: readonly (readonly Name[])[],
  paths: readonly (readonly string[])[],
  read: (name: Name) => string,
  decoder: NameDecoder | undefined,
): Remarks {
  let count = 0;
  let first = -1;
  for (const [index, path] of paths.entries()) {
    if (!isChanged(names[index] ?? [], path)) continue;
    if (count === 0) first = index;
    count += 1;
  }
  if (count === 0) return [];
  const was = (names[first] ?? []).map(read).join('/');
  const is = (paths[first] ?? []).join('/');
  const encoding = decoder
    ? `; what is not UTF-8 was read as ${decoder.label}${decoder.isGuess ? ', which is a guess' : ''}`
    : '';
  const what =
    count === 1
      ? `a name in the torrent cannot stand on this disk as written: ${becomes(was, is)}`
      : `${count} names in the torrent cannot stand on this disk as written, the first: ${becomes(was, is)}`;
  return [{ code: 'NAMES_MENDED', message: `${what}${encoding}` }];
}

/** Both may be cut where they are shown, and look alike. */
function becomes(was: string, is: string): string {
  if (was === is) return quote(is);
  return quote(was) === quote(is) ? `${quote(was)}, cut` : `${quote(was)}, here ${quote(is)}`;
}

/** `skipped`: the paths of the links left out. */
export function remarkOnLinks(skipped: readonly (readonly string[])[]): Remarks {
  const [first] = skipped;
  if (first === undefined) return [];
  const what = skipped.length === 1 ? 'a symbolic link' : `${skipped.length} symbolic links`;
  return [
    {
      code: 'LINKS_SKIPPED',
      message: `the torrent has ${what} that cannot be made within it and lead to what is in it, the first: ${quote(first.join('/'))}; left out`,
    },
  ];
}

export function isChanged(names: readonly Name[], path: readonly string[]): boolean {
  return path.some((name, index) => name !== names[index]);
}
