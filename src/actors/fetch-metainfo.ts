// fetchMetainfo: gets the metainfo of a download from the session that saved it, over HTTP, from a file, or from the
// swarm, and validates it. All of it counts as memory of the job until that is over.
import { resolve } from 'node:path';
import { fromPromise } from 'xstate';
import type { FetchInput } from '../../machines/torrent-steps.js';
import type { Failure, LocatedTorrent, Reach } from '../../machines/types.js';
import { type HelperError, toFailure } from '../errors.js';
import { fetchInTurn } from '../memory/fetch-in-turn.js';
import type { MetainfoIntake } from '../memory/metainfo-memory.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { parseInfo, parseMetainfo } from '../metainfo/parse/parse-metainfo.js';
import { literalAddress } from '../net/reach.js';
import { fetchTorrent, showUrl } from '../sources/fetch-torrent.js';
import { parseSource, type Source } from '../sources/parse-source.js';
import { readTorrentFile } from '../sources/read-torrent-file.js';
import { chooseContentPath } from './choose-content-path.js';
import type { Dependencies } from './dependencies.js';
import { recallTorrent } from './located-torrent.js';

interface Fetched {
  readonly metainfo: Metainfo;
  readonly peers: readonly string[];
  readonly reach: Reach;
}

export const fetchMetainfoActor = (dependencies: Dependencies) =>
  fromPromise<LocatedTorrent, FetchInput>(async ({ input, signal }) => {
    const { id, job, saved } = input;
    const warn = (failure: Failure) => job.send({ type: 'swarm.warned', failure });
    const turn = { jobId: id, signal, onWait: (waits: HelperError) => warn(toFailure(waits)) };
    return fetchInTurn(dependencies.metainfoMemory, turn, async (intake) => {
      const recalled = await recallTorrent(dependencies, saved, intake);
      const source = parseSource(input.source);
      if (recalled) return { ...recalled, reach: recalled.reach ?? supposedReach(source) };
      const errand = { intake, warn, signal };
      const { metainfo, peers, reach } = await fetchFrom(source, dependencies, errand);
      const contentPath = await chooseContentPath(dependencies, metainfo);
      return { torrent: metainfo, contentPath, peers, reach };
    });
  });

interface Errand {
  readonly intake: MetainfoIntake;
  readonly warn: (failure: Failure) => void;
  readonly signal: AbortSignal;
}

async function fetchFrom(
  source: Source,
  { options, engine }: Dependencies,
  { intake, warn, signal }: Errand,
): Promise<Fetched> {
  switch (source.kind) {
    case 'http': {
      const { body, from } = await fetchTorrent(source.url, signal, {
        onBytes: intake.admit,
      });
      const metainfo = await intake.parse(body, (whole) =>
        parseMetainfo(whole, showUrl(source.url)),
      );
      return { metainfo, peers: [], reach: reachOf(source, from) };
    }
    case 'file': {
      const path = resolve(options.torrentDir, source.path);
      const bytes = await readTorrentFile(path, signal, intake.admit);
      const metainfo = await intake.parse(bytes, (whole) => parseMetainfo(whole, path));
      return { metainfo, peers: [], reach: reachOf(source) };
    }
    case 'magnet': {
      const { infoHash, peers } = source;
      const reach = reachOf(source);
      const trackers = [...source.trackers, ...options.addedTrackers];
      const trustedTrackers = options.addedTrackers.flat();
      const found = await engine.fetchMetadata(
        { infoHash, trackers, reach, trustedTrackers, peers },
        signal,
        warn,
      );
      const metainfo = await intake.parse(found.info, (info) =>
        parseInfo(info, trackers, `magnet link ${infoHash}`),
      );
      return { metainfo, peers: found.peers, reach };
    }
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
