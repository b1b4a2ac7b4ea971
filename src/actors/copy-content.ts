// copyContent: makes a second copy of the content where it is to go, as far as it is there. While it is complete the
// swarm goes on giving the first; else the swarm lets go of its files before.
import { fromPromise } from 'xstate';
import type { CopyInput } from '../../machines/relocation.js';
import type { StagedContent } from '../../machines/types.js';
import { serialize } from '../async/serialize.js';
import { withPlan } from '../storage/layout/relocation-plan.js';
import { stagedContentPath, stagingFolder } from '../storage/layout/staging-folder.js';
import { isAtTarget } from '../storage/relocate/relocation.js';
import { stageContent } from '../storage/relocate/stage.js';
import type { Dependencies } from './dependencies.js';
import { keepKnown } from './keep-known.js';
import { lockRelocation } from './lock-relocation.js';

export const copyContentActor = (dependencies: Dependencies) =>
  fromPromise<StagedContent, CopyInput>(({ input, signal }) => {
    const copying = copyContent(dependencies, input, signal);
    // Cancelled, it removes what it has copied so far.
    dependencies.cleanups.track(copying);
    return copying;
  });

async function copyContent(
  { engine, torrentLocks, stateDir }: Dependencies,
  input: CopyInput,
  signal: AbortSignal,
): Promise<StagedContent> {
  const { relocation, release } = lockRelocation(torrentLocks, input);
  try {
    if (!input.isServing) await engine.left(relocation.metainfo.infoHash);
    if (await isAtTarget(relocation))
      return { stagedPath: relocation.from, contentPath: relocation.from };
    const known = { stateDir, metainfo: relocation.metainfo, contentPath: relocation.from };
    const extent = input.isServing ? 'whole' : 'what-is-there';
    await serialize(stagingFolder(relocation), () =>
      withPlan(stateDir, relocation, () =>
        keepKnown(known, () => stageContent(relocation, extent, signal)),
      ),
    );
    return { stagedPath: stagedContentPath(relocation), contentPath: relocation.to };
  } finally {
    release();
  }
}
