// The files and links of a torrent, laid end to end, each with a path that can be on disk. What is mended depends on the
// torrent and the platform alone, never on what lies on a disk: whoever reads it again finds the same paths. Pure; throws
// MetainfoFlaw.

import type { BencodeDictionary } from '../bencode-values.js';
import type { MetainfoFile, MetainfoLink, MetainfoRemark } from '../metainfo.js';
import { chooseNameDecoder, type Name, type RawName } from '../names/decode-names.js';
import { isFiller, mendName } from '../names/mend-name.js';
import { settleLinks, type WantedLink } from '../names/settle-links.js';
import { settlePaths } from '../names/settle-paths.js';
import { type Entry, parseEntries } from './entries.js';
import { invalid } from './flaws.js';
import { isChanged, remarkOnLinks, remarkOnNames } from './remarks.js';

export interface Files {
  readonly name: string;
  readonly isFolder: boolean;
  readonly lengthBytes: number;
  readonly files: readonly MetainfoFile[];
  readonly links: readonly MetainfoLink[];
  /** That the names are in, where the torrent names it and they are not UTF-8. */
  readonly encoding: string | undefined;
  readonly remarks: readonly MetainfoRemark[];
}

export interface NamesContext {
  readonly platform: NodeJS.Platform;
  /** That the torrent names for its names. */
  readonly encoding: string | undefined;
  /** What a torrent is called of whose name nothing is left. */
  readonly infoHash: string;
}

type Mend = (names: readonly Name[]) => readonly string[];

export function parseFiles(info: BencodeDictionary, context: NamesContext): Files {
  const { platform } = context;
  const { name: rootName, isFolder, entries } = parseEntries(info);
  const raw = rawNames(rootName, entries);
  const decoder = raw.length > 0 ? chooseNameDecoder(raw, context.encoding) : undefined;
  const read = (name: Name) => (typeof name === 'string' ? name : (decoder?.decode(name) ?? ''));
  const mend = (names: readonly Name[]) => names.map((name) => mendName(read(name), platform));

  const name = mendRoot(rootName, mend, context.infoHash);
  const real = entries.filter(({ kind }) => kind === 'file');
  const wanted = real.map(({ names }) => {
    const path = mend(names);
    return { path, isMended: isChanged(names, path) };
  });
  const settled = settlePaths(wanted, platform);
  const linkEntries = entries.filter(({ kind }) => kind === 'link');
  const wantedLinks = linkEntries.map((entry) => readLink(entry, mend));
  const { links, skipped } = settleLinks(wantedLinks, wanted, settled, platform);
  const files = layOut(entries, settled.paths, mend);
  const last = files.at(-1);
  if (!last || !files.some((file) => file.lengthBytes > 0 && !file.isPadding)) {
    throw invalid('its files hold no bytes');
  }
  const changed = remarkOnNames(
    [[rootName], ...[...real, ...linkEntries].map(({ names }) => names)],
    [[name], ...settled.paths, ...wantedLinks.map(({ path }) => path)],
    read,
    decoder,
  );
  return {
    name,
    isFolder,
    lengthBytes: last.offsetBytes + last.lengthBytes,
    files,
    links,
    encoding: decoder?.isGuess === false ? decoder.label : undefined,
    remarks: [...changed, ...remarkOnLinks(skipped)],
  };
}

function rawNames(rootName: Name, entries: readonly Entry[]): readonly RawName[] {
  const raw: RawName[] = [];
  const collect = (names: readonly Name[]) => {
    for (const name of names) if (typeof name !== 'string') raw.push(name);
  };
  collect([rootName]);
  for (const { names, target = [] } of entries) {
    collect(names);
    collect(target);
  }
  return raw;
}

/** Torrents of whose name nothing is left are not to meet in one folder. */
function mendRoot(rootName: Name, mend: Mend, infoHash: string): string {
  const [name = ''] = mend([rootName]);
  return name !== rootName && isFiller(name) ? infoHash : name;
}

/** Of what a link leads to, `.` and `..` stand for what they do on disk. */
function readLink({ names, target }: Entry, mend: Mend): WantedLink {
  const steps = target?.map((name) =>
    typeof name === 'string' && /^\.{1,2}$/.test(name) ? name : mend([name])[0],
  );
  return { path: mend(names), target: steps?.filter((step) => step !== undefined) };
}

/** `paths`: of the files alone. Links hold no bytes, and where padding would lie is of no use. */
function layOut(
  entries: readonly Entry[],
  paths: readonly (readonly string[])[],
  mend: Mend,
): readonly MetainfoFile[] {
  const files: MetainfoFile[] = [];
  const rest = paths.values();
  let offsetBytes = 0;
  for (const { kind, names, lengthBytes } of entries) {
    if (kind === 'link') continue;
    files.push(
      kind === 'padding'
        ? { path: mend(names), lengthBytes, offsetBytes, isPadding: true }
        : { path: rest.next().value ?? [], lengthBytes, offsetBytes },
    );
    offsetBytes += lengthBytes;
    if (!Number.isSafeInteger(offsetBytes)) throw invalid('its files are impossibly large');
  }
  return files;
}
