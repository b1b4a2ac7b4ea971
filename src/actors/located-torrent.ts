// A torrent and where its content lies: from what the machines know to its whole metainfo, and from what a session saved.
import type { LocatedTorrent, Reach, SavedState } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import type { MetainfoIntake } from '../memory/metainfo-memory.js';
import { Metainfo } from '../metainfo/metainfo.js';
import { chooseContentPath } from './choose-content-path.js';
import type { Dependencies } from './dependencies.js';

export interface LocatedMetainfo {
  readonly metainfo: Metainfo;
  readonly contentPath: string;
  readonly peers: readonly string[];
  readonly stamps: string | undefined;
  readonly reach: Reach | undefined;
}

/** Throws INTERNAL if a step was reached before the torrent was known: a bug of a machine. */
export function metainfoOf(located: LocatedTorrent | undefined): LocatedMetainfo {
  if (!(located?.torrent instanceof Metainfo)) {
    throw new HelperError('INTERNAL', 'bug: a step that needs metainfo was reached without it');
  }
  const { torrent: metainfo, contentPath, peers, stamps, reach } = located;
  return { metainfo, contentPath, peers, stamps, reach };
}

/** Undefined if the session saved no torrent of it. Rejects with NoRoom where `intake` does. */
export async function recallTorrent(
  dependencies: Dependencies,
  { saved, dir }: { readonly saved?: SavedState | undefined; readonly dir?: string | undefined },
  intake: MetainfoIntake,
): Promise<LocatedTorrent | undefined> {
  if (saved?.infoHash === undefined) return undefined;
  const torrent = await dependencies.session.readMetainfo(saved.infoHash, intake);
  if (torrent === undefined) return undefined;
  const contentPath = saved.contentPath ?? (await chooseContentPath(dependencies, torrent, dir));
  return { torrent, contentPath, peers: [], reach: saved.reach };
}
