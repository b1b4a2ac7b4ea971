// removeSource: deletes what relocated content left at its old path, once the session knows the new one.
import { fromPromise } from 'xstate';
import type { RemoveSourceInput } from '../../machines/relocation.js';
import { forgetPlan } from '../storage/layout/relocation-plan.js';
import { removeSource } from '../storage/relocate/remove-source.js';
import type { Dependencies } from './dependencies.js';
import { keepKnown } from './keep-known.js';
import { metainfoOf } from './located-torrent.js';

export const removeSourceActor = ({ session, torrentLocks, stateDir }: Dependencies) =>
  fromPromise<void, RemoveSourceInput>(async ({ input, signal }) => {
    const { metainfo, contentPath } = metainfoOf(input.located);
    const { infoHash } = metainfo;
    const release = torrentLocks.lock({ jobId: input.id, infoHash, contentPath, role: 'download' });
    try {
      await session.settled();
      await keepKnown({ stateDir, metainfo, contentPath }, () =>
        removeSource(metainfo, contentPath, signal),
      );
      if (stateDir !== undefined) await forgetPlan(stateDir, { metainfo, to: contentPath });
    } finally {
      release();
    }
  });
