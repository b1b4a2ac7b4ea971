// makeMetainfo: reads a file or folder and hashes it into metainfo.
import { fromPromise } from 'xstate';
import type { PlacedTorrent } from '../../machines/vocabulary.js';
import { makeMetainfo } from '../metainfo/make-metainfo.js';
import type { Surroundings } from '../surroundings.js';

export const makeMetainfoActor = ({ settings, announce }: Surroundings) =>
  fromPromise<PlacedTorrent, { path: string }>(async ({ input, signal }) => {
    const { metainfo, contentPath } = await makeMetainfo(
      { path: input.path, isPrivate: !settings.isPublic, announce },
      signal,
    );
    return { torrent: metainfo, contentPath, peers: [] };
  });
