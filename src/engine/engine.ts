// The BitTorrent engine as the rest of the helper sees it: plain data in, plain events out, so that it could run
// in another thread or process. It knows torrents, never jobs. What fails in one torrent (its disk, its metadata) ends that
// torrent, and what a peer does wrong that connection; nothing of it reaches another torrent.
import type { Failure, Reach, SwarmEvent } from '../../machines/types.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import type { AskOwnTracker } from '../tracker-protocol/own-announce.js';

export interface EngineOptions {
  /** The IP address by which peers reach this machine; announces carry it. */
  readonly host: string;
  /** The IP address the peer port listens on, and only there. */
  readonly listen: string;
  /** 0: a free one. */
  readonly port: number;
  /** Whether torrents that are not private may use the DHT. */
  readonly dht: boolean;
  /** DHT nodes to ask first, `host:port`; the well-known ones when left out. */
  readonly dhtBootstrap?: readonly string[];
  /** `host:port` of an announce URL → `host:port` to connect to instead: our own tracker behind a NAT. */
  readonly trackerRoutes?: ReadonlyMap<string, string>;
  /** Our own tracker, which `trackerRoutes` leads to, without a socket. */
  readonly askOwnTracker?: AskOwnTracker | undefined;
  /** Limits for all torrents together; undefined: none. */
  readonly downBytesPerSecond?: number | undefined;
  readonly upBytesPerSecond?: number | undefined;
  /** The folder for resume information; left out, none outlives the engine. */
  readonly stateDir?: string | undefined;
}

export interface JoinRequest {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that stands for the torrent's name. */
  readonly contentPath: string;
  /**
   * `seed`: the content was hashed a moment ago, is complete, and is only ever read.
   * `download`: what lies there is checked first; missing pieces are fetched and written.
   */
  readonly role: 'seed' | 'download';
  /** Announce URLs by tier (BEP 12). */
  readonly trackers: readonly (readonly string[])[];
  /** Of whoever named the trackers; left out, the user. */
  readonly reach?: Reach | undefined;
  /** Those that the user named, whoever else did. */
  readonly trustedTrackers?: readonly string[] | undefined;
  /** Peers already known, `host:port`. */
  readonly peers?: readonly string[];
  /** Of a seed: what its files' stamps came to before they were hashed (stamp-digest.ts). Others now: it is read again. */
  readonly stamps?: string | undefined;
  /** Of a download: all that lies there is read, whatever is remembered of it; what was complete is fetched again where it is not. */
  readonly verify?: boolean | undefined;
  /** Limits for this torrent alone, beside those for all together; undefined: none. */
  readonly downBytesPerSecond?: number | undefined;
  readonly upBytesPerSecond?: number | undefined;
  /** Where its bytes are counted on (transfer-totals.ts), in memory that outlives the engine; left out, from nothing. */
  readonly totals?: Float64Array | undefined;
}

export interface Swarm {
  /** Reads complete content again, while the swarm goes on; then tells `swarm.verified`. */
  verify(): void;
  /** Asks the trackers now, as far as they may be asked; then tells `swarm.announced` or `swarm.announceFailed`. */
  announce(): void;
  /**
   * Leaves: drops the peers, announces `stopped` (at most 2 s), flushes and closes the files.
   * Never rejects; calling it again returns the same promise. No event follows the call.
   */
  leave(): Promise<void>;
}

export interface MetadataRequest {
  readonly infoHash: string;
  readonly trackers: readonly (readonly string[])[];
  /** As when a torrent is joined. */
  readonly reach?: Reach | undefined;
  readonly trustedTrackers?: readonly string[] | undefined;
  readonly peers: readonly string[];
}

export interface MetadataFound {
  /** The raw info dictionary; its SHA-1 is the info hash asked for. */
  readonly info: Uint8Array;
  /** Peers met on the way, `host:port`, to be dialled first when the torrent is joined. */
  readonly peers: readonly string[];
}

export interface Engine {
  readonly peerPort: number;
  /** Joins a swarm. An info hash that is just being left is waited for; two at once is the caller's bug. */
  join(request: JoinRequest, listener: (event: SwarmEvent) => void): Swarm;
  /** Resolves when a torrent that was left has let go of its files; at once if it is not here. */
  left(infoHash: string): Promise<void>;
  /**
   * While it is joined, now or later, tells of it by `swarm.measured` every so often, if there is news; undefined: no more.
   * Infinity: it is watched, and not measured. `isDetailed`: tells what it is made of, too, news or not.
   */
  watch(infoHash: string, everyMs: number | undefined, isDetailed?: boolean): void;
  /** Asks the swarm for the info dictionary (BEP 9). Rejects when `signal` aborts. Warnings as of a swarm. */
  fetchMetadata(
    request: MetadataRequest,
    signal: AbortSignal,
    onWarning: (failure: Failure) => void,
  ): Promise<MetadataFound>;
  /** The helper ends: what is left from now on is left for that reason, and its own tracker, which ends too, need not hear of it. */
  prepareToClose(): void;
  /** Leaves every swarm and closes the peer port. Never rejects. */
  close(): Promise<void>;
}
