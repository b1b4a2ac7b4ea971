// fetchMetainfo: gets the metainfo of a download from the session that saved it, over HTTP, from a file, or from the
// swarm, and validates it.
import { resolve } from 'node:path';
import { type AnyActorRef, fromPromise } from 'xstate';
import type { FetchInput } from '../../machines/torrent-steps.js';
import type { LocatedTorrent, Reach } from '../../machines/types.js';
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
    const recalled = await recallTorrent(dependencies, input.saved);
    const source = parseSource(input.source);
    if (recalled) return { ...recalled, reach: recalled.reach ?? supposedReach(source) };
    const { metainfo, peers, reach } = await fetchFrom(source, dependencies, input.job, signal);
    const contentPath = await chooseContentPath(dependencies, metainfo);
    return { torrent: metainfo, contentPath, peers, reach };
  });

async function fetchFrom(
  source: Source,
  { options, engine }: Dependencies,
  job: AnyActorRef,
  signal: AbortSignal,
): Promise<Fetched> {
  switch (source.kind) {
    case 'http': {
      const { body, from } = await fetchTorrent(source.url, signal);
      const metainfo = parseMetainfo(body, showUrl(source.url));
      return { metainfo, peers: [], reach: reachOf(source, from) };
    }
    case 'file': {
      const path = resolve(options.torrentDir, source.path);
      const metainfo = parseMetainfo(await readTorrentFile(path, signal), path);
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
        (failure) => job.send({ type: 'swarm.warned', failure }),
      );
      const metainfo = parseInfo(found.info, trackers, `magnet link ${infoHash}`);
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
