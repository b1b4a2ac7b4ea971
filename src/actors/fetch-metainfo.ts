// fetchMetainfo: gets the metainfo of a download from the session that saved it, over HTTP, from a file, or from the
// swarm, and validates it. All of it counts as memory of the job until that is over.
import { resolve } from 'node:path';
import { fromPromise } from 'xstate';
import type { FetchInput } from '../../machines/torrent-steps.js';
import type { Failure, LocatedTorrent, Reach } from '../../machines/types.js';
import { HelperError, toFailure, toHelperError } from '../errors.js';
import { fetchInTurn } from '../memory/fetch-in-turn.js';
import { type MagnetLink, parseMagnetLink } from '../metainfo/magnet.js';
import { literalAddress } from '../net/reach.js';
import { fetchTorrent, showUrl } from '../sources/fetch-torrent.js';
import { parseSource, type Source } from '../sources/parse-source.js';
import { readTorrentFile } from '../sources/read-torrent-file.js';
import { chooseContentPath } from './choose-content-path.js';
import type { Dependencies } from './dependencies.js';
import { type Errand, type Fetched, fetchByLink } from './fetch-by-link.js';
import { recallTorrent } from './located-torrent.js';

export const fetchMetainfoActor = (dependencies: Dependencies) =>
  fromPromise<LocatedTorrent, FetchInput>(async ({ input, signal }) => {
    const { id, job, saved, dir } = input;
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
      const source = parseSource(input.source);
      if (recalled) return { ...recalled, reach: recalled.reach ?? supposedReach(source) };
      const errand = { intake, warn, warnOnce, signal };
      const { metainfo, peers, reach } = await fetchFrom(source, dependencies, errand);
      const contentPath = await chooseContentPath(dependencies, metainfo, dir);
      // Once a job: what a session saved of it comes back without.
      for (const remark of metainfo.remarks) warn(remark);
      return { torrent: metainfo, contentPath, peers, reach };
    });
  });

async function fetchFrom(
  source: Source,
  dependencies: Dependencies,
  errand: Errand,
): Promise<Fetched> {
  const { intake, warnOnce, signal } = errand;
  switch (source.kind) {
    case 'http': {
      const answer = await fetchTorrent(source.url, signal, {
        onBytes: intake.admit,
        onRetry: (error) => warnOnce('retry', toFailure(error)),
      });
      const reach = reachOf(source, answer.from);
      const name = showUrl(source.url);
      if (answer.kind === 'magnet') {
        return fetchByLink(redirectedLink(answer.link, name), reach, dependencies, errand);
      }
      const metainfo = await intake.parse(answer.body, { kind: 'torrent', origin: name });
      return { metainfo, peers: [], reach };
    }
    case 'file': {
      const path = resolve(dependencies.options.torrentDir, source.path);
      const bytes = await readTorrentFile(path, signal, intake.admit);
      const metainfo = await intake.parse(bytes, { kind: 'torrent', origin: path });
      return { metainfo, peers: [], reach: reachOf(source) };
    }
    case 'magnet':
      return fetchByLink(source, reachOf(source), dependencies, errand);
  }
}

function redirectedLink(link: string, name: string): MagnetLink {
  try {
    return parseMagnetLink(link);
  } catch (thrown) {
    const { code, message } = toHelperError(thrown);
    throw new HelperError(code, `${name} redirected to a magnet link: ${message}`);
  }
}

/** Of whoever named the trackers. `from`: the address of the server that gave the torrent, as far as it is known. */
function reachOf(source: Source, from?: string): Reach {
  return source.kind === 'http' ? { kind: 'network', address: from } : { kind: 'document' };
}

/** What the source alone says of it, where nobody recorded which server gave the torrent. */
function supposedReach(source: Source): Reach {
  const address = source.kind === 'http' ? literalAddress(source.url.hostname) : undefined;
  return reachOf(source, address);
}
