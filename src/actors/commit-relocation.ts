// commitRelocation: gives the copy its name, once the swarm has let go of the files; copies anew what changed meanwhile.
// What lies at the old path is left to removeSource.
import { fromPromise } from 'xstate';
import type { CommitInput } from '../../machines/relocation.js';
import type { LocatedTorrent } from '../../machines/types.js';
import { serialize } from '../async/serialize.js';
import { commitContent } from '../storage/relocate/commit.js';
import { isAtTarget, stagingFolder } from '../storage/relocate/relocation.js';
import { relocateResumeData } from '../storage/resume/relocate-resume-data.js';
import type { Dependencies } from './dependencies.js';
import { metainfoOf } from './located-torrent.js';
import { lockRelocation } from './lock-relocation.js';

export const commitRelocationActor = ({ engine, torrentLocks, stateDir }: Dependencies) =>
  fromPromise<LocatedTorrent, CommitInput>(async ({ input, signal }) => {
    const { metainfo, contentPath, peers } = metainfoOf(input.located);
    const { relocation, release } = lockRelocation(torrentLocks, input);
    try {
      await engine.left(metainfo.infoHash);
      if (await isAtTarget(relocation)) return { torrent: metainfo, contentPath, peers };
      const isStaged = input.staged?.contentPath === relocation.to;
      await serialize(stagingFolder(relocation), () => commitContent(relocation, isStaged, signal));
      if (stateDir !== undefined)
        await relocateResumeData(stateDir, metainfo, relocation.from, relocation.to);
      return { torrent: metainfo, contentPath: relocation.to, peers };
    } finally {
      release();
    }
  });
