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
import { findNamedPeers, type NamedPeers } from './named-peers.js';
import type { DhtSearch } from './peers/dht.js';
import type { AnnouncedProgress } from './trackers/announce-sender.js';
import { startTrackerClient, type TrackerClient } from './trackers/tracker-client.js';

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

/** Listens and looks from the start. A class, as thousands of torrents may rest, and it goes on meanwhile. */
export class PeerDiscovery {
  readonly #engine: EngineDependencies;
  readonly #options: PeerDiscoveryOptions;
  readonly #shut: () => void;
  readonly #trackerClient: TrackerClient;
  readonly #search: DhtSearch | undefined;
  /** None for those who have everything: there may be thousands. */
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #named: NamedPeers;

  constructor(engine: EngineDependencies, options: PeerDiscoveryOptions) {
    this.#engine = engine;
    this.#options = options;
    const { peerPort, port } = engine;
    const { infoHash, isComplete, wake, peers } = options;
    const dht = options.isPrivate ? undefined : engine.dht;
    this.#shut = port.open({ infoHash, dht: dht !== undefined, wake: () => wake().torrent });
    this.#trackerClient = this.#startTrackerClient();
    this.#search = dht?.search(infoHash, peerPort, (peer, from) =>
      this.#add(peer, { kind: 'dht', from }),
    );
    this.#timer = isComplete()
      ? undefined
      : setInterval(() => this.#askAgain(), noPeersIntervalMs).unref();
    for (const peer of peers) this.#add(peer, { kind: 'user' });
    this.#named = this.#findNamed();
  }

  get trackers(): readonly TrackerStatus[] {
    return this.#trackerClient.trackers;
  }

  /** Asked or not, in order, and when they are asked. */
  get trackerMeasures(): readonly TrackerMeasure[] {
    return this.#trackerClient.measures;
  }

  /** The download is complete: tells the trackers. */
  completed(): void {
    this.#trackerClient.completed();
  }

  /** What we have has changed otherwise, or there are no peers: announces again soon. */
  announceAgain(): void {
    this.#trackerClient.wantPeers();
  }

  /** Asks the trackers as soon as they may be asked; then `onAnnounced` or `onAnnounceFailed` is called. */
  announceNow(): void {
    this.#trackerClient.announceNow();
  }

  /** Listens and looks no more, and tells the trackers so (at most 2 s). Never rejects. */
  stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#shut();
    this.#named.stop();
    this.#search?.stop();
    return this.#trackerClient.stop();
  }

  #startTrackerClient(): TrackerClient {
    const { client, peerPort, options, agent } = this.#engine;
    const { isComplete, connections, ...asked } = this.#options;
    return startTrackerClient({
      infoHash: asked.infoHash,
      peerId: client.peerId,
      port: peerPort,
      ip: isLoopback(options.host) ? undefined : options.host,
      tiers: asked.trackers,
      reach: asked.reach,
      trustedTrackers: asked.trustedTrackers,
      progress: asked.progress,
      hasNobody: () => !isComplete() && !this.#hasPeers && !connections()?.hasCandidates,
      onPeers: (peers, from) => {
        for (const peer of peers) this.#add(peer, { kind: 'tracker', from });
      },
      onAccepted: asked.onAnnounced,
      onStatus: asked.onTrackerStatus,
      onAnnounceFailed: asked.onAnnounceFailed,
      onWarning: asked.onWarning,
      agent,
    });
  }

  #findNamed(): NamedPeers {
    const { peers, reach, onWarning } = this.#options;
    const { resolve = resolveHost } = this.#engine.agent;
    const onPeer = (peer: string) => this.#add(peer, { kind: 'user' });
    return findNamedPeers({ peers, reach, resolve, onPeer, onWarning });
  }

  get #hasPeers(): boolean {
    return this.#options.connections()?.hasPeers ?? false;
  }

  #askAgain(): void {
    if (this.#options.isComplete()) clearInterval(this.#timer);
    else if (!this.#hasPeers) this.#trackerClient.wantPeers();
  }

  /** Not for somebody who would not be dialled. */
  #add(text: string, source: PeerSource): void {
    const { sated, isComplete, wake } = this.#options;
    const address = parsePeerAddress(text);
    if (address === undefined || this.#engine.ownAddresses.has(address)) return;
    if (isComplete() && sated.has(address.text)) return;
    if (mayBeDialled(address.host, source)) wake().add(text, source);
  }
}
