// deleteContent: deletes what a download's torrent names, once its swarm has let go of the files.
import { fromPromise } from 'xstate';
import type { PlacedTorrent } from '../../machines/vocabulary.js';
import { deleteContent } from '../engine/disk/delete-content.js';
import { metainfoOf } from '../placed-metainfo.js';
import type { Surroundings } from '../surroundings.js';

export const deleteContentActor = ({ settings, engine, claims }: Surroundings) =>
  fromPromise<void, { id: number; placed: PlacedTorrent | undefined }>(async ({ input }) => {
    const { metainfo, contentPath } = metainfoOf(input.placed);
    const { infoHash } = metainfo;
    const release = claims.take({ jobId: input.id, infoHash, contentPath, role: 'download' });
    try {
      await engine.left(infoHash);
      await deleteContent({ metainfo, contentPath, root: settings.downloadDir });
    } finally {
      release();
    }
  });
