// The torrent of a job that a session brought back, and where its content lies.
import type { LocatedTorrent, SavedState } from '../../machines/types.js';
import { chooseContentPath } from './choose-directory.js';
import type { Dependencies } from './dependencies.js';

/** Undefined if the session saved no torrent of it. */
export async function recallTorrent(
  dependencies: Dependencies,
  saved: SavedState | undefined,
): Promise<LocatedTorrent | undefined> {
  if (saved?.infoHash === undefined) return undefined;
  const torrent = await dependencies.session.readMetainfo(saved.infoHash);
  if (torrent === undefined) return undefined;
  const contentPath = saved.contentPath ?? (await chooseContentPath(dependencies, torrent));
  return { torrent, contentPath, peers: [] };
}
