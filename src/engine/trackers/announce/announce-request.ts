// What is said to a tracker and what it says back, whatever the protocol between (BEP 3, BEP 15): types, and the numbers
// both protocols must agree on.
import type { HttpClient } from '../../../http/http-client.js';
import type { PlainClient } from '../../../http/plain/plain-client.js';
import type { Permit } from '../../../net/reach.js';
import type { ResolveHost } from '../../../net/resolve-host.js';
import type { AskOwnTracker } from '../../../tracker-protocol/own-announce.js';
import type { UdpSockets } from './udp-sockets.js';

const defaultIntervalMs = 10 * 60_000;
const shortestIntervalMs = 30_000;
const longestIntervalMs = 60 * 60_000;

export interface AnnounceRequest {
  /** 40 hex digits. */
  readonly infoHash: string;
  /** 40 hex digits. */
  readonly peerId: string;
  /** Where this peer listens. */
  readonly port: number;
  /** The address peers are to use; left out, the tracker takes the one it sees. Over UDP IPv4 only. */
  readonly ip?: string | undefined;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** `unknown`: there is no info dictionary yet (magnet links). */
  readonly leftBytes: number | 'unknown';
  readonly event?: AnnounceEvent | undefined;
  /** How many peers are wanted at most. */
  readonly numWant: number;
  /** 8 hex digits, the same for all announces of a torrent: proves who we are after a change of address. */
  readonly key: string;
  /** In hex: what the tracker wants to hear again (BEP 3). HTTP only. */
  readonly trackerId?: string | undefined;
}

export type AnnounceEvent = 'started' | 'stopped' | 'completed';

export interface AnnounceAnswer {
  /** How long to wait until the next announce; within the bounds of `clampInterval`. */
  readonly intervalMs: number;
  /** No announce sooner than this, where the tracker says so. */
  readonly minIntervalMs?: number | undefined;
  /** `1.2.3.4:5` or `[::1]:5`, each once. */
  readonly peers: readonly string[];
  /** How many there are, as it says. */
  readonly seeders?: number | undefined;
  readonly leechers?: number | undefined;
  /** The address of the server that answered; undefined where only a proxy knows it. */
  readonly from?: string | undefined;
  /** What the tracker says to whoever runs the client: in quotes, short and printable. */
  readonly warning?: string | undefined;
  /** In hex: to be said in later announces to it. Left out, it stays what it was. */
  readonly trackerId?: string | undefined;
}

/** `host:port` of an announce URL → `host:port` to connect to instead. */
export type TrackerRoutes = ReadonlyMap<string, string>;

export interface AnnounceOptions {
  /** The way to trackers, which all announces share. */
  readonly agent: {
    /** Takes `trackerRoutes`. */
    readonly http: HttpClient;
    /** For HTTP trackers that are known to answer plainly. */
    readonly plain?: PlainClient | undefined;
    /** For UDP trackers that have just answered. */
    readonly sockets?: UdpSockets | undefined;
    readonly trackerRoutes?: TrackerRoutes | undefined;
    readonly askOwnTracker?: AskOwnTracker | undefined;
    readonly resolve?: ResolveHost | undefined;
  };
  /** On whose word; left out, the tracker may be anywhere. Those that `trackerRoutes` leads to always may. */
  readonly permit?: Permit | undefined;
  /** Gives the announce up. */
  readonly signal?: AbortSignal | undefined;
  /** The whole announce takes no longer: names, redirects, waiting for a free connection and all. */
  readonly timeoutMs?: number | undefined;
}

export const defaultTimeoutMs = 15_000;

/** The `left` to announce. One piece's worth where it is unknown: nought would make us a seeder. */
export function leftToAnnounce(request: AnnounceRequest): number {
  return request.leftBytes === 'unknown' ? 16 * 1024 : request.leftBytes;
}

/**
 * The interval a tracker asks for, in seconds and of any type, as milliseconds between 30 s and 1 h; 10 minutes where it
 * is no number above nought.
 */
export function clampInterval(seconds: unknown): number {
  if (!isPositive(seconds)) return defaultIntervalMs;
  return Math.min(Math.max(seconds * 1000, shortestIntervalMs), longestIntervalMs);
}

/** The least interval a tracker allows, at most 1 h; undefined where it is no number above nought. */
export function clampMinInterval(seconds: unknown): number | undefined {
  return isPositive(seconds) ? Math.min(seconds * 1000, longestIntervalMs) : undefined;
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
