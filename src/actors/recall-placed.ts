// The torrent of a job that a session brought back, and where its content lies.
import { join } from 'node:path';
import type { KeptState, PlacedTorrent } from '../../machines/vocabulary.js';
import type { Surroundings } from '../surroundings.js';

/** Undefined if the session kept no torrent of it. */
export async function recallPlaced(
  { session, settings }: Surroundings,
  kept: KeptState | undefined,
): Promise<PlacedTorrent | undefined> {
  if (kept?.infoHash === undefined) return undefined;
  const torrent = await session.readMetainfo(kept.infoHash);
  if (torrent === undefined) return undefined;
  const contentPath = kept.contentPath ?? join(settings.downloadDir, torrent.name);
  return { torrent, contentPath, peers: [] };
}
