// commitRelocation: gives the copy its name, once the swarm has let go of the files; copies anew what changed meanwhile.
// What lies at the old path is left to removeSource.
import { fromPromise } from 'xstate';
import type { CommitInput } from '../../machines/relocation.js';
import type { LocatedTorrent } from '../../machines/types.js';
import { serialize } from '../async/serialize.js';
import { withPlan } from '../storage/layout/relocation-plan.js';
import { stagingFolder } from '../storage/layout/staging-folder.js';
import { commitContent } from '../storage/relocate/commit.js';
import { isAtTarget } from '../storage/relocate/relocation.js';
import type { Dependencies } from './dependencies.js';
import { keepKnown, relocateKnown } from './keep-known.js';
import { metainfoOf } from './located-torrent.js';
import { lockRelocation } from './lock-relocation.js';

export const commitRelocationActor = ({ engine, torrentLocks, stateDir }: Dependencies) =>
  fromPromise<LocatedTorrent, CommitInput>(async ({ input, signal }) => {
    const { metainfo, stamps } = metainfoOf(input.located);
    const { relocation, release } = lockRelocation(torrentLocks, input);
    try {
      await engine.left(metainfo.infoHash);
      if (await isAtTarget(relocation)) return input.located;
      const isStaged = input.staged?.contentPath === relocation.to;
      const { from, to } = relocation;
      const known = { stateDir, metainfo, contentPath: from };
      await serialize(stagingFolder(relocation), () =>
        withPlan(stateDir, relocation, () =>
          keepKnown(known, () => commitContent(relocation, isStaged, signal)),
        ),
      );
      const isKnown = await relocateKnown(known, to);
      // What was published has other stamps here: it is read again, unless it is known to be the same.
      return { ...input.located, contentPath: to, stamps: isKnown ? undefined : stamps };
    } finally {
      release();
    }
  });
