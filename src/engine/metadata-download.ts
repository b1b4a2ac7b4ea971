// Gets the info dictionary of a torrent from its swarm (BEP 9). Nothing a peer sends reaches webtorrent's own parser.
import type Wire from 'bittorrent-protocol';
import type { Failure } from '../../machines/types.js';
import { toFailure } from '../errors.js';
import { toPeerAddress } from '../net/peer-address.js';
import { openPeerConnections, type PeerConnections } from './awake/peer-connections.js';
import { SatedPeers } from './dialling/known-peers/sated-peers.js';
import type { MetadataFound, MetadataRequest } from './engine.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { MetadataTurns } from './metadata/metadata-turns.js';
import { PeerDiscovery } from './peer-discovery.js';
import { addTorrent, destroyTorrent } from './webtorrent/add-torrent.js';

const destroyTimeoutMs = 1_000;
/** How much is left is not known yet; trackers are told that something is. */
const leftBytes = 16 * 1024;

export interface MetadataSearch {
  readonly found: Promise<MetadataFound>;
  /** Settles once the swarm is left, whatever came of it. Never rejects. */
  readonly over: Promise<void>;
}

export interface MetadataSearchOptions {
  /** `found` rejects with its reason as soon as it aborts. */
  readonly signal: AbortSignal;
  /** Waited for first; must not reject. */
  readonly after: Promise<void>;
  readonly onWarning: (failure: Failure) => void;
}

export function startMetadataSearch(
  engine: EngineDependencies,
  { infoHash, trackers, reach, trustedTrackers, peers }: MetadataRequest,
  { signal, after, onWarning }: MetadataSearchOptions,
): MetadataSearch {
  let connections: PeerConnections | undefined;
  let turns: MetadataTurns | undefined;
  let discovery: PeerDiscovery | undefined;
  let stopListening = () => {};

  const found = new Promise<MetadataFound>((resolve, reject) => {
    const begin = () => {
      if (signal.aborted) return;
      const { client, dht } = engine;
      const { torrent } = addTorrent(client, { infoHash, isPrivate: false, onError: reject });
      const isComplete = () => false;
      turns = new MetadataTurns({
        infoHash,
        incomplete: engine.incompleteMetadata,
        onFound: (info) => resolve({ info, peers: addressesOf(torrent.wires) }),
      });
      torrent.on('wire', (wire: Wire) => {
        turns?.add(wire);
        // The first word of a peer with the fast extension must be of its pieces (BEP 6).
        queueMicrotask(() => wire.hasFast && wire.haveNone());
      });
      const sated = new SatedPeers();
      const opened = openPeerConnections(engine, torrent, { dht, sated, isComplete });
      connections = opened;
      discovery = new PeerDiscovery(engine, {
        infoHash,
        isPrivate: false,
        trackers,
        reach,
        trustedTrackers,
        peers,
        connections: () => opened,
        wake: () => opened,
        onWarning: (error) => onWarning(toFailure(error)),
        progress: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes }),
        isComplete,
        sated,
        onAnnounced: () => {},
      });
    };
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    stopListening = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
    else after.then(begin).catch(reject);
  });

  const leave = async () => {
    stopListening();
    turns?.close();
    connections?.stop();
    const gone = connections && destroyTorrent(connections.torrent, destroyTimeoutMs);
    await Promise.all([discovery?.stop(), gone]);
  };
  return { found, over: found.then(leave, leave) };
}

/** Where the peers at the other ends listen, as far as they can be dialled there. */
function addressesOf(wires: readonly Wire[]): string[] {
  return wires.flatMap(({ type, remoteAddress, remotePort, peerExtendedHandshake }) => {
    if (remoteAddress === undefined) return [];
    const port = type === 'tcpOutgoing' ? remotePort : Number(peerExtendedHandshake.p);
    return toPeerAddress(remoteAddress, port ?? 0)?.text ?? [];
  });
}
