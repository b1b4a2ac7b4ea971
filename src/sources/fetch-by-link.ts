// What a magnet link leads to: its metainfo from the swarm, and beside it from the web servers that the link names (xs, as),
// whichever gives it first. What a server fails with is a warning alone: the swarm is asked all the same.
import type { Failure, Reach } from '../../machines/types.js';
import type { Engine } from '../engine/engine.js';
import { HelperError, toHelperError } from '../errors.js';
import { type MetainfoIntake, NoRoom } from '../memory/metainfo-memory.js';
import type { MagnetLink } from '../metainfo/magnet.js';
import { Metainfo } from '../metainfo/metainfo.js';
import { parsePeerAddress } from '../net/peer-address.js';
import { mayNamePeer } from '../net/reach.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import { fetchTorrent, showUrl } from './fetch-torrent.js';

export interface Fetched {
  readonly metainfo: Metainfo;
  readonly peers: readonly string[];
  readonly reach: Reach;
}

export interface Errand {
  readonly intake: MetainfoIntake;
  readonly warn: (failure: Failure) => void;
  /** The same for what is said once, however often the errand is begun anew. */
  readonly warnOnce: (about: string, failure: Failure) => void;
  readonly signal: AbortSignal;
}

/** Also who only looks at a torrent has this much. */
export interface LinkDependencies {
  readonly options: Pick<ResolvedOptions, 'addedTrackers'>;
  readonly engine: Pick<Engine, 'fetchMetadata'>;
}

/** `reach`: of whoever gave the link. */
export async function fetchByLink(
  link: MagnetLink,
  reach: Reach,
  { options, engine }: LinkDependencies,
  { signal, ...errand }: Errand,
): Promise<Fetched> {
  const { infoHash } = link;
  const trackers = [...link.trackers, ...options.addedTrackers];
  const trustedTrackers = options.addedTrackers.flat();
  const peers = link.peers.filter((peer) => mayBeNamed(reach, peer));
  tellWhatIsPassedOver(link, peers, errand);
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const request = { infoHash, trackers, reach, trustedTrackers, peers };
  const swarm = engine.fetchMetadata(request, either, errand.warn);
  const servers = fetchFromServers(link, reach, { ...errand, signal: either });
  try {
    await Promise.race([swarm, servers.then((fetched): unknown => fetched ?? swarm)]);
    over.abort();
    // Both count as memory of one errand, so the one lets go before the other is taken.
    const fetched = await servers.catch(() => undefined);
    if (fetched !== undefined) {
      const { metainfo, from } = fetched;
      if (from !== undefined) return { metainfo, peers, reach: from };
      return { metainfo: new Metainfo({ ...metainfo, announce: trackers }), peers, reach };
    }
    const found = await swarm;
    const origin = `magnet link ${infoHash}`;
    const as = { kind: 'info', origin, announce: trackers } as const;
    const metainfo = await errand.intake.parse(found.info, as);
    return { metainfo, peers: found.peers, reach };
  } finally {
    over.abort();
    swarm.catch(() => {});
    await servers.catch(() => {});
  }
}

interface FetchedFromServer {
  readonly metainfo: Metainfo;
  /** Whose word its trackers are, if those are to be asked and not the link's. */
  readonly from: Reach | undefined;
}

/** Undefined: none of them has it. Rejects with NoRoom for what may find room later, and with the signal's reason. */
async function fetchFromServers(
  link: MagnetLink,
  reach: Reach,
  { intake, warnOnce, signal }: Errand,
): Promise<FetchedFromServer | undefined> {
  for (const source of link.sources) {
    try {
      return await fetchFromServer(new URL(source), link, { reach, intake, signal });
    } catch (thrown) {
      signal.throwIfAborted();
      const { code, message } = toHelperError(thrown);
      if (code === 'INTERNAL' || (thrown instanceof NoRoom && code === 'WAITING_FOR_MEMORY')) {
        throw thrown;
      }
      intake.admit(0);
      const failure = { code, message: `${message}; the magnet link named it (xs, as)` };
      warnOnce(source, failure);
    }
  }
  return undefined;
}

async function fetchFromServer(
  url: URL,
  link: MagnetLink,
  { reach, intake, signal }: Pick<Errand, 'intake' | 'signal'> & { readonly reach: Reach },
): Promise<FetchedFromServer> {
  const name = showUrl(url);
  const answer = await fetchTorrent(url, signal, { reach, onBytes: intake.admit });
  if (answer.kind === 'magnet') {
    throw new HelperError('HTTP_REDIRECTS', `${name} redirected to another magnet link`);
  }
  // The swarm knows of no encoding, and the names are to be the same whoever is quicker.
  const metainfo = await intake.parse(answer.body, { kind: 'torrent of a link', origin: name });
  if (metainfo.infoHash !== link.infoHash) {
    throw new HelperError('METAINFO_INVALID', `${name} holds another torrent`);
  }
  // Its trackers are the server's word and the link's are not, and only one of them can have a say in how far they lead.
  const isItsOwn = metainfo.isPrivate || link.trackers.length === 0;
  const from: Reach = { kind: 'network', address: answer.from };
  return { metainfo, from: isItsOwn && metainfo.announce.length > 0 ? from : undefined };
}

function tellWhatIsPassedOver(
  { peers, selection }: MagnetLink,
  permitted: readonly string[],
  { warnOnce }: Pick<Errand, 'warnOnce'>,
): void {
  if (selection !== undefined) {
    const message =
      'the magnet link selects some of its files (so=), which is not done yet: all of them are downloaded';
    warnOnce('so', { code: 'SELECTION_UNSUPPORTED', message });
  }
  const [forbidden] = peers.filter((peer) => !permitted.includes(peer));
  if (forbidden !== undefined) {
    const message = `the peer ${forbidden} is nearer to this machine than the server that named it, and is not dialled`;
    warnOnce('x.pe', { code: 'PEER_UNREACHABLE', message });
  }
}

/** Hosts that are no addresses are looked at when they have been looked up. */
function mayBeNamed(reach: Reach, peer: string): boolean {
  const address = parsePeerAddress(peer);
  return address === undefined || mayNamePeer(reach, address.host);
}
