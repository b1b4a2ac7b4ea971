// Peer discovery of one torrent: how peers find us and we find them. Listens, and announces to trackers and DHT. It goes on
// while the torrent is at rest, and wakes it for whoever comes or is to be dialled. Knows nothing of pieces.
import type { Reach, TrackerMeasure, TrackerStatus } from '../../machines/types.js';
import type { Failure, HelperError } from '../errors.js';
import { isLoopback } from '../net/ip-address.js';
import { parsePeerAddress } from '../net/peer-address.js';
import { resolveHost } from '../net/resolve-host.js';
import type { PeerConnections } from './awake/peer-connections.js';
import { mayBeDialled, type PeerSource } from './dialling/known-peers/peer-source.js';
import type { SatedPeers } from './dialling/known-peers/sated-peers.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { findNamedPeers } from './named-peers.js';
import type { AnnouncedProgress } from './trackers/announce-sender.js';
import { startTrackerClient } from './trackers/tracker-client.js';

/** A download without peers asks its trackers again so often, as far as they allow. */
const noPeersIntervalMs = 10_000;

export interface PeerDiscoveryOptions {
  readonly infoHash: string;
  readonly isPrivate: boolean;
  readonly trackers: readonly (readonly string[])[];
  readonly reach?: Reach | undefined;
  readonly trustedTrackers?: readonly string[] | undefined;
  readonly peers: readonly string[];
  readonly progress: () => AnnouncedProgress;
  /** Whether nothing is left to be fetched. */
  readonly isComplete: () => boolean;
  /** They wake nobody. */
  readonly sated: SatedPeers;
  /** Undefined while the torrent is at rest. */
  readonly connections: () => PeerConnections | undefined;
  /** As `connections`; it is at rest no longer. */
  readonly wake: () => PeerConnections;
  readonly onAnnounced: (tracker: string) => void;
  /** What came of an announce, to whom that is of interest. */
  readonly onTrackerStatus?: ((status: TrackerStatus) => void) | undefined;
  /** Nothing comes of an announce that was asked for. */
  readonly onAnnounceFailed?: ((failure: Failure) => void) | undefined;
  readonly onWarning: (error: HelperError) => void;
}

export interface PeerDiscovery {
  readonly trackers: readonly TrackerStatus[];
  /** Asked or not, in order, and when they are asked. */
  readonly trackerMeasures: readonly TrackerMeasure[];
  /** The download is complete: tells the trackers. */
  completed(): void;
  /** What we have has changed otherwise, or there are no peers: announces again soon. */
  announceAgain(): void;
  /** Asks the trackers as soon as they may be asked; then `onAnnounced` or `onAnnounceFailed` is called. */
  announceNow(): void;
  /** Listens and looks no more, and tells the trackers so (at most 2 s). Never rejects. */
  stop(): Promise<void>;
}

export function startPeerDiscovery(
  engine: EngineDependencies,
  options: PeerDiscoveryOptions,
): PeerDiscovery {
  const { client, peerPort, port, ownAddresses } = engine;
  const { infoHash, sated, isComplete, connections, wake } = options;
  const dht = options.isPrivate ? undefined : engine.dht;
  const hasPeers = () => connections()?.hasPeers ?? false;
  /** Not for somebody who would not be dialled. */
  const add = (text: string, source: PeerSource) => {
    const address = parsePeerAddress(text);
    if (address === undefined || ownAddresses.has(address)) return;
    if (isComplete() && sated.has(address.text)) return;
    if (mayBeDialled(address.host, source)) wake().add(text, source);
  };

  const shut = port.open({ infoHash, dht: dht !== undefined, wake: () => wake().torrent });
  const trackerClient = startTrackerClient({
    infoHash,
    peerId: client.peerId,
    port: peerPort,
    ip: isLoopback(engine.options.host) ? undefined : engine.options.host,
    tiers: options.trackers,
    reach: options.reach,
    trustedTrackers: options.trustedTrackers,
    progress: options.progress,
    hasNobody: () => !isComplete() && !hasPeers() && !connections()?.hasCandidates,
    onPeers: (peers, from) => {
      for (const peer of peers) add(peer, { kind: 'tracker', from });
    },
    onAccepted: options.onAnnounced,
    onStatus: options.onTrackerStatus,
    onAnnounceFailed: options.onAnnounceFailed,
    onWarning: options.onWarning,
    agent: engine.agent,
  });
  const search = dht?.search(infoHash, peerPort, (peer, from) => add(peer, { kind: 'dht', from }));
  const askAgain = () => {
    if (isComplete()) clearInterval(timer);
    else if (!hasPeers()) trackerClient.wantPeers();
  };
  // None for those who have everything: there may be thousands.
  const timer = isComplete() ? undefined : setInterval(askAgain, noPeersIntervalMs).unref();
  const addPeer = (peer: string) => add(peer, { kind: 'user' });
  for (const peer of options.peers) addPeer(peer);
  const isName = (peer: string) => parsePeerAddress(peer) === undefined;
  const named = options.peers.some(isName)
    ? findNamedPeers({
        peers: options.peers,
        reach: options.reach,
        resolve: engine.agent.resolve ?? resolveHost,
        onPeer: addPeer,
        onWarning: options.onWarning,
      })
    : undefined;

  return {
    get trackers() {
      return trackerClient.trackers;
    },
    get trackerMeasures() {
      return trackerClient.measures;
    },
    completed: () => trackerClient.completed(),
    announceAgain: () => trackerClient.wantPeers(),
    announceNow: () => trackerClient.announceNow(),
    stop() {
      clearInterval(timer);
      shut();
      named?.stop();
      search?.stop();
      return trackerClient.stop();
    },
  };
}
