// The way back from what the machines know of a torrent to its whole metainfo.
import type { LocatedTorrent } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import { Metainfo } from '../metainfo/metainfo.js';

export interface LocatedMetainfo {
  readonly metainfo: Metainfo;
  readonly contentPath: string;
  readonly peers: readonly string[];
}

/** Throws INTERNAL if a step was reached before the torrent was known: a bug of a machine. */
export function metainfoOf(located: LocatedTorrent | undefined): LocatedMetainfo {
  if (!(located?.torrent instanceof Metainfo)) {
    throw new HelperError('INTERNAL', 'bug: a step that needs metainfo was reached without it');
  }
  return { metainfo: located.torrent, contentPath: located.contentPath, peers: located.peers };
}
