// writeMetainfo: puts the .torrent file into the torrent dir, or finds it there.
import { fromPromise } from 'xstate';
import type { PlacedTorrent, Publication } from '../../machines/vocabulary.js';
import { magnetLink } from '../metainfo/magnet-link.js';
import { clearAbandoned } from '../metainfo/place-file.js';
import { writeTorrentFile } from '../metainfo/torrent-file.js';
import { metainfoOf } from '../placed-metainfo.js';
import type { Surroundings } from '../surroundings.js';

export const writeMetainfoActor = ({ settings, announce }: Surroundings) => {
  let cleared: Promise<void> | undefined;
  return fromPromise<Publication, WriteInput>(async ({ input, signal }) => {
    cleared ??= clearAbandoned(settings.torrentDir);
    await cleared;
    const { metainfo } = metainfoOf(input.placed);
    const tiers = await announce.known;
    const torrentFile = await writeTorrentFile({
      metainfo,
      announce: tiers,
      dir: settings.torrentDir,
      signal,
    });
    return { torrentFile, infoHash: metainfo.infoHash, magnetUri: magnetLink(metainfo, tiers) };
  });
};

interface WriteInput {
  readonly placed: PlacedTorrent | undefined;
}
