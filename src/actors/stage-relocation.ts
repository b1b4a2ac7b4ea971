// stageContent: makes a second copy of complete content where it is to move, while the first is still given to others.
import { fromPromise } from 'xstate';
import type { StageInput } from '../../machines/torrent.js';
import type { StagedContent } from '../../machines/types.js';
import { takeTurns } from '../async/serialize.js';
import { isThere, stagedPathOf, vesselOf } from '../storage/relocate/relocation.js';
import { stageContent } from '../storage/relocate/stage.js';
import type { Surroundings } from './dependencies.js';
import { claimMove } from './lock-relocation.js';

export const stageContentActor = ({ claims }: Surroundings) =>
  fromPromise<StagedContent, StageInput>(async ({ input, signal }) => {
    const { move, release } = claimMove(claims, input);
    try {
      if (await isThere(move)) return { stagedPath: move.from, contentPath: move.from };
      await takeTurns(vesselOf(move), () => stageContent(move, 'whole', signal));
      return { stagedPath: stagedPathOf(move), contentPath: move.to };
    } finally {
      release();
    }
  });
