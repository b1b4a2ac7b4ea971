// fetchMetainfo: gets the metainfo of a download from the session that saved it, over HTTP, from a file, or from the
// swarm, and validates it.
import { resolve } from 'node:path';
import { type AnyActorRef, fromPromise } from 'xstate';
import type { FetchInput } from '../../machines/torrent-steps.js';
import type { LocatedTorrent } from '../../machines/types.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { parseInfo, parseMetainfo } from '../metainfo/parse/parse-metainfo.js';
import { fetchTorrent, showUrl } from '../sources/fetch-torrent.js';
import { parseSource, type Source } from '../sources/parse-source.js';
import { readTorrentFile } from '../sources/read-torrent-file.js';
import { chooseContentPath } from './choose-content-path.js';
import type { Dependencies } from './dependencies.js';
import { recallTorrent } from './located-torrent.js';

interface Fetched {
  readonly metainfo: Metainfo;
  readonly peers: readonly string[];
}

export const fetchMetainfoActor = (dependencies: Dependencies) =>
  fromPromise<LocatedTorrent, FetchInput>(async ({ input, signal }) => {
    const recalled = await recallTorrent(dependencies, input.saved);
    if (recalled) return recalled;
    const { metainfo, peers } = await fetchFrom(
      parseSource(input.source),
      dependencies,
      input.job,
      signal,
    );
    const contentPath = await chooseContentPath(dependencies, metainfo);
    return { torrent: metainfo, contentPath, peers };
  });

async function fetchFrom(
  source: Source,
  { options, engine }: Dependencies,
  job: AnyActorRef,
  signal: AbortSignal,
): Promise<Fetched> {
  switch (source.kind) {
    case 'http': {
      const { body } = await fetchTorrent(source.url, signal);
      return { metainfo: parseMetainfo(body, showUrl(source.url)), peers: [] };
    }
    case 'file': {
      const path = resolve(options.torrentDir, source.path);
      return { metainfo: parseMetainfo(await readTorrentFile(path, signal), path), peers: [] };
    }
    case 'magnet': {
      const trackers = [...source.trackers, ...options.addedTrackers];
      const found = await engine.fetchMetadata(
        { infoHash: source.infoHash, trackers, peers: source.peers },
        signal,
        (failure) => job.send({ type: 'swarm.warned', failure }),
      );
      const metainfo = parseInfo(found.info, trackers, `magnet link ${source.infoHash}`);
      return { metainfo, peers: found.peers };
    }
  }
}
