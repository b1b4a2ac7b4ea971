// stageContent: makes a second copy of complete content where it is to move, while the first is still given to others.
import { fromPromise } from 'xstate';
import type { StageInput } from '../../machines/torrent.js';
import type { StagedContent } from '../../machines/vocabulary.js';
import { isThere, stagedPathOf, vesselOf } from '../moving/move.js';
import { stageContent } from '../moving/stage-content.js';
import { takeTurns } from '../moving/take-turns.js';
import type { Surroundings } from '../surroundings.js';
import { claimMove } from './claim-move.js';

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
