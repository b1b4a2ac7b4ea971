// moveContent: puts the staged copy into its place, once the swarm has let go of the files; stages it first where nobody
// has. What lies at the old place is left to clearContent.
import { fromPromise } from 'xstate';
import type { MoveInput } from '../../machines/torrent.js';
import type { PlacedTorrent } from '../../machines/types.js';
import { takeTurns } from '../async/serialize.js';
import { placeContent } from '../storage/relocate/commit.js';
import { isThere, vesselOf } from '../storage/relocate/relocation.js';
import { relocateResume } from '../storage/resume/relocate-resume-data.js';
import type { Surroundings } from './dependencies.js';
import { metainfoOf } from './located-torrent.js';
import { claimMove } from './lock-relocation.js';

export const moveContentActor = ({ engine, claims, stateDir }: Surroundings) =>
  fromPromise<PlacedTorrent, MoveInput>(async ({ input, signal }) => {
    const { metainfo, contentPath, peers } = metainfoOf(input.placed);
    const { move, release } = claimMove(claims, input);
    try {
      await engine.left(metainfo.infoHash);
      if (await isThere(move)) return { torrent: metainfo, contentPath, peers };
      const isStaged = input.staged?.contentPath === move.to;
      await takeTurns(vesselOf(move), () => placeContent(move, isStaged, signal));
      if (stateDir !== undefined) await relocateResume(stateDir, metainfo, move.from, move.to);
      return { torrent: metainfo, contentPath: move.to, peers };
    } finally {
      release();
    }
  });
