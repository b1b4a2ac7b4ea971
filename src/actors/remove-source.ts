// clearContent: deletes what moved content left at its old place, once the session knows the new one.
import { fromPromise } from 'xstate';
import type { PlacedTorrent } from '../../machines/types.js';
import { clearContent } from '../storage/relocate/remove-source.js';
import type { Surroundings } from './dependencies.js';
import { metainfoOf } from './located-torrent.js';

/** `placed`: where the content lies now. */
export const clearContentActor = ({ session, claims }: Surroundings) =>
  fromPromise<void, { id: number; placed: PlacedTorrent | undefined }>(async ({ input }) => {
    const { metainfo, contentPath } = metainfoOf(input.placed);
    const { infoHash } = metainfo;
    const release = claims.take({ jobId: input.id, infoHash, contentPath, role: 'download' });
    try {
      await session.settled();
      await clearContent(metainfo, contentPath);
    } finally {
      release();
    }
  });
