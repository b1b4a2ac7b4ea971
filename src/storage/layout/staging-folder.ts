// Where a relocation stages the copy of a torrent's content, and leaves its marker. Pure.
import { basename, dirname, join } from 'node:path';
import type { Metainfo } from '../../metainfo/metainfo.js';
import type { FolderPath } from '../folders/folder-walk.js';

/** As far as a relocation is known once the content lies there. */
export interface RelocationTarget {
  readonly metainfo: Metainfo;
  /** Where the content is to lie: the file itself for a single-file torrent, else the folder that holds the files. */
  readonly to: string;
}

/** The hidden folder beside the target: one for each torrent, so that a later attempt finds it. */
export function stagingFolder({ metainfo, to }: RelocationTarget): string {
  return join(dirname(to), `.bittorrent-helper-${metainfo.infoHash}.moving`);
}

/** As `withinFolder` reaches it. */
export function pathOfStaging(target: RelocationTarget): FolderPath {
  return { root: dirname(target.to), names: [basename(stagingFolder(target))] };
}

/** Where the copy lies until it has its name. */
export function stagedContentPath(target: RelocationTarget): string {
  return join(stagingFolder(target), basename(target.to));
}
