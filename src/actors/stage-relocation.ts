// stageContent: makes a second copy of complete content where it is to move, while the first is still given to others.
import { fromPromise } from 'xstate';
import type { StageInput } from '../../machines/torrent.js';
import type { StagedContent } from '../../machines/types.js';
import { serialize } from '../async/serialize.js';
import { isThere, stagedPathOf, stagingFolderOf } from '../storage/relocate/relocation.js';
import { stageContent } from '../storage/relocate/stage.js';
import type { Dependencies } from './dependencies.js';
import { lockRelocation } from './lock-relocation.js';

export const stageRelocationActor = ({ torrentLocks }: Dependencies) =>
  fromPromise<StagedContent, StageInput>(async ({ input, signal }) => {
    const { move, release } = lockRelocation(torrentLocks, input);
    try {
      if (await isThere(move)) return { stagedPath: move.from, contentPath: move.from };
      await serialize(stagingFolderOf(move), () => stageContent(move, 'whole', signal));
      return { stagedPath: stagedPathOf(move), contentPath: move.to };
    } finally {
      release();
    }
  });
