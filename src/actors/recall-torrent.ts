// The torrent of a job that a session brought back, and where its content lies.
import type { KeptState, PlacedTorrent } from '../../machines/types.js';
import { choosePlace } from './choose-directory.js';
import type { Surroundings } from './dependencies.js';

/** Undefined if the session kept no torrent of it. */
export async function recallPlaced(
  surroundings: Surroundings,
  kept: KeptState | undefined,
): Promise<PlacedTorrent | undefined> {
  if (kept?.infoHash === undefined) return undefined;
  const torrent = await surroundings.session.readMetainfo(kept.infoHash);
  if (torrent === undefined) return undefined;
  const contentPath = kept.contentPath ?? (await choosePlace(surroundings, torrent));
  return { torrent, contentPath, peers: [] };
}
