// deleteContent: deletes what a download's torrent names, as far as this job made it, once its swarm has let go of the files.
import { dirname } from 'node:path';
import { fromPromise } from 'xstate';
import type { DeleteInput } from '../../machines/torrent-steps.js';
import type { Failure } from '../../machines/types.js';
import { HelperError, toFailure } from '../errors.js';
import { fetchInTurn } from '../memory/fetch-in-turn.js';
import { deleteFiles } from '../storage/delete-files.js';
import { findOwnedFiles } from '../storage/find-owned-files.js';
import { filePath } from '../storage/layout/file-layout.js';
import { removeResumeData } from '../storage/resume/relocate-resume-data.js';
import { readResumeData, resumePaths } from '../storage/resume/resume-files.js';
import type { Dependencies } from './dependencies.js';
import { type LocatedMetainfo, metainfoOf, recallTorrent } from './located-torrent.js';

export const deleteContentActor = (dependencies: Dependencies) =>
  fromPromise<Failure | undefined, DeleteInput>(async ({ input, signal }) => {
    const { engine, torrentLocks, stateDir, metainfoMemory, metainfoWork } = dependencies;
    const turn = { jobId: input.id, signal, onWait: () => {}, parse: metainfoWork.parse };
    const located =
      input.located ??
      (await fetchInTurn(metainfoMemory, turn, (intake) =>
        recallTorrent(dependencies, input, intake),
      ));
    // Nothing of it was ever here.
    if (located === undefined) return undefined;
    const found = metainfoOf(located);
    const { metainfo, contentPath } = found;
    const { infoHash } = metainfo;
    const release = torrentLocks.lock({ jobId: input.id, infoHash, contentPath, role: 'download' });
    try {
      await engine.left(infoHash);
      const left = await deleteOwned(found, stateDir, signal);
      if (stateDir !== undefined) await removeResumeData(stateDir, infoHash, contentPath);
      return left[0] === undefined ? undefined : toFailure(notDeleted(left[0], left.length - 1));
    } finally {
      release();
    }
  });

/** Resolves with the paths of what was left. */
async function deleteOwned(
  { metainfo, contentPath }: LocatedMetainfo,
  stateDir: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const subject = { metainfo, contentPath };
  const stored =
    stateDir === undefined
      ? {}
      : await readResumeData(resumePaths(stateDir, metainfo.infoHash, contentPath), subject);
  const { owned, foreign } = await findOwnedFiles({ ...subject, stored, signal });
  const changed = await deleteFiles({ ...subject, root: dirname(contentPath), owned });
  return [...foreign, ...changed].map((file) => filePath(contentPath, file));
}

function notDeleted(path: string, others: number): HelperError {
  const files = others === 0 ? `${path} was` : `${path}, and ${others} more beside it, were`;
  return new HelperError(
    'DESTINATION_EXISTS',
    `${files} not deleted: nothing of this torrent was found there; delete by hand what you do not want`,
  );
}
