// fetchMetainfo: gets the metainfo of a download from the session that saved it, over HTTP, from a file, or from the
// swarm, and validates it. All of it counts as memory of the job until that is over.
import { fromPromise } from 'xstate';
import type { FetchInput } from '../../machines/torrent-steps.js';
import type { Failure, LocatedTorrent, Reach } from '../../machines/types.js';
import { type HelperError, toFailure } from '../errors.js';
import { fetchInTurn } from '../memory/fetch-in-turn.js';
import { literalAddress } from '../net/reach.js';
import { fetchFrom, reachOf } from '../sources/fetch-from.js';
import { parseSource, type Source } from '../sources/parse-source.js';
import { chooseContentPath } from './choose-content-path.js';
import type { Dependencies } from './dependencies.js';
import { recallTorrent } from './located-torrent.js';

export const fetchMetainfoActor = (dependencies: Dependencies) =>
  fromPromise<LocatedTorrent, FetchInput>(async ({ input, signal }) => {
    const { id, job, saved, dir, metainfo: given } = input;
    const warn = (failure: Failure) => job.send({ type: 'swarm.warned', failure });
    const told = new Set<string>();
    const warnOnce = (about: string, failure: Failure) => {
      if (!told.has(about)) warn(failure);
      told.add(about);
    };
    const { metainfoMemory, metainfoWork } = dependencies;
    const onWait = (waits: HelperError) => warn(toFailure(waits));
    const turn = { jobId: id, signal, onWait, parse: metainfoWork.parse };
    return fetchInTurn(metainfoMemory, turn, async (intake) => {
      const recalled = await recallTorrent(dependencies, { saved, dir }, intake);
      const source: Source = given ? { kind: 'bytes', metainfo: given } : parseSource(input.source);
      if (recalled) return { ...recalled, reach: recalled.reach ?? supposedReach(source) };
      const errand = { intake, warn, warnOnce, signal };
      const { metainfo, peers, reach } = await fetchFrom(source, dependencies, errand);
      const contentPath = await chooseContentPath(dependencies, metainfo, dir);
      // Once a job: what a session saved of it comes back without.
      for (const remark of metainfo.remarks) warn(remark);
      return { torrent: metainfo, contentPath, peers, reach };
    });
  });

/** What the source alone says of it, where nobody recorded which server gave the torrent. */
function supposedReach(source: Source): Reach {
  const address = source.kind === 'http' ? literalAddress(source.url.hostname) : undefined;
  return reachOf(source, address);
}
