// clearContent: deletes what a torrent names at the place it was moved away from, once the session knows the new one.
import { dirname } from 'node:path';
import { fromPromise } from 'xstate';
import type { PlacedTorrent } from '../../machines/vocabulary.js';
import { deleteContent } from '../engine/disk/delete-content.js';
import { metainfoOf } from '../placed-metainfo.js';
import type { Surroundings } from '../surroundings.js';

export const clearContentActor = ({ session }: Surroundings) =>
  fromPromise<void, { id: number; placed: PlacedTorrent | undefined }>(async ({ input }) => {
    const { metainfo, contentPath } = metainfoOf(input.placed);
    await session.settled();
    await deleteContent({ metainfo, contentPath, root: dirname(contentPath) });
  });
