// deleteContent: deletes what a download's torrent names, once its swarm has let go of the files.
import { dirname } from 'node:path';
import { fromPromise } from 'xstate';
import type { DeleteInput } from '../../machines/torrent-steps.js';
import type { Failure } from '../../machines/types.js';
import { deleteFiles } from '../storage/delete-files.js';
import { removeResumeData } from '../storage/resume/relocate-resume-data.js';
import type { Dependencies } from './dependencies.js';
import { metainfoOf, recallTorrent } from './located-torrent.js';

export const deleteContentActor = (dependencies: Dependencies) =>
  fromPromise<Failure | undefined, DeleteInput>(async ({ input }) => {
    const { engine, torrentLocks, stateDir } = dependencies;
    const located = input.located ?? (await recallTorrent(dependencies, input.saved));
    // Nothing of it was ever here.
    if (located === undefined) return undefined;
    const { metainfo, contentPath } = metainfoOf(located);
    const { infoHash } = metainfo;
    const release = torrentLocks.lock({ jobId: input.id, infoHash, contentPath, role: 'download' });
    try {
      await engine.left(infoHash);
      await deleteFiles({ metainfo, contentPath, root: dirname(contentPath) });
      if (stateDir !== undefined) await removeResumeData(stateDir, infoHash, contentPath);
      return undefined;
    } finally {
      release();
    }
  });
