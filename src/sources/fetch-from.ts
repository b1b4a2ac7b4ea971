// Gets the metainfo that a source names: over HTTP, from a file, or from the swarm.
import { resolve } from 'node:path';
import type { Reach } from '../../machines/types.js';
import { HelperError, toFailure, toHelperError } from '../errors.js';
import { type MagnetLink, parseMagnetLink } from '../metainfo/magnet.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import { type Errand, type Fetched, fetchByLink, type LinkDependencies } from './fetch-by-link.js';
import { fetchTorrent, showUrl } from './fetch-torrent.js';
import type { Source } from './parse-source.js';
import { readTorrentFile } from './read-torrent-file.js';

export interface FetchDependencies extends LinkDependencies {
  readonly options: Pick<ResolvedOptions, 'addedTrackers' | 'torrentDir'>;
}

/** What is at the source, asked once. */
export async function fetchFrom(
  source: Source,
  dependencies: FetchDependencies,
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
    case 'bytes': {
      const bytes = await source.metainfo.read(signal, intake.admit);
      const origin = 'the metainfo that was handed over';
      const metainfo = await intake.parse(bytes, { kind: 'torrent', origin });
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
export function reachOf(source: Source, from?: string): Reach {
  return source.kind === 'http' ? { kind: 'network', address: from } : { kind: 'document' };
}
