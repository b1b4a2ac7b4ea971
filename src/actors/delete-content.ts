// deleteContent: deletes what a download's torrent names, once its swarm has let go of the files.
import { dirname } from 'node:path';
import { fromPromise } from 'xstate';
import type { DeleteInput } from '../../machines/torrent.js';
import { deleteContent } from '../storage/delete-files.js';
import { removeResume } from '../storage/resume/relocate-resume-data.js';
import type { Surroundings } from './dependencies.js';
import { metainfoOf } from './located-torrent.js';
import { recallPlaced } from './recall-torrent.js';

export const deleteContentActor = (surroundings: Surroundings) =>
  fromPromise<void, DeleteInput>(async ({ input }) => {
    const { engine, claims, stateDir } = surroundings;
    const placed = input.placed ?? (await recallPlaced(surroundings, input.kept));
    // Nothing of it was ever here.
    if (placed === undefined) return;
    const { metainfo, contentPath } = metainfoOf(placed);
    const { infoHash } = metainfo;
    const release = claims.take({ jobId: input.id, infoHash, contentPath, role: 'download' });
    try {
      await engine.left(infoHash);
      await deleteContent({ metainfo, contentPath, root: dirname(contentPath) });
      if (stateDir !== undefined) await removeResume(stateDir, infoHash, contentPath);
    } finally {
      release();
    }
  });
