// writeMetainfo: puts the .torrent file into the torrent dir, or finds it there.
import { fromPromise } from 'xstate';
import type { LocatedTorrent, Publication } from '../../machines/types.js';
import { clearAbandoned } from '../files/atomic-write.js';
import { writeTorrentFile } from '../metainfo/create/write-torrent-file.js';
import { writeMagnetLink } from '../metainfo/magnet.js';
import { askingActor } from './asking-actor.js';
import type { Dependencies } from './dependencies.js';
import { metainfoOf } from './located-torrent.js';

export const writeMetainfoActor = ({ options, announce }: Dependencies) => {
  let cleared: Promise<void> | undefined;
  return fromPromise<Publication, WriteInput>(async (scope) => {
    cleared ??= clearAbandoned(options.torrentDir);
    await cleared;
    const { metainfo } = metainfoOf(scope.input.located);
    const tiers = await announce.known;
    const torrentFile = await writeTorrentFile({
      metainfo,
      announce: tiers,
      dir: options.torrentDir,
      asker: askingActor(scope),
    });
    return {
      torrentFile,
      infoHash: metainfo.infoHash,
      magnetUri: writeMagnetLink(metainfo, tiers),
    };
  });
};

interface WriteInput {
  readonly located: LocatedTorrent | undefined;
}
