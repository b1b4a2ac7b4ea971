// What all torrents of an engine share on the way to trackers: HTTP connections, so that a thousand torrents of one
// tracker need eight sockets, not thousands; the ways around a NAT; and what is known of each tracker.
import { AlarmClock } from '../../async/alarm-clock.js';
import { type ConcurrencyLimit, limitConcurrency } from '../../async/limit-concurrency.js';
import { createHttpClient, type HttpClient } from '../../http/http-client.js';
import { PlainClient } from '../../http/plain/plain-client.js';
import { announceLimits } from '../../limits.js';
import type { ResolveHost } from '../../net/resolve-host.js';
import type { AskOwnTracker } from '../../tracker-protocol/own-announce.js';
import type { TrackerRoutes } from './announce/announce-request.js';
import { trackerHttpOptions } from './announce/http-announce.js';
import { isTrustedTracker, trackerRoute } from './announce/tracker-route.js';
import { trackerUrl } from './announce/tracker-url.js';
import { UdpSockets } from './announce/udp-sockets.js';
import { Pace, type Random } from './schedule/back-off.js';
import { TrackerHealth } from './tracker-health.js';

const connectionsPerOrigin = 8;

/** Of all torrents together; what they ask is a remote chance. */
const widerAnnouncesPerSecond = 20;

/** Beyond it, the health of trackers that no torrent names any more is forgotten. */
const maxIdleTrackers = 1000;

export interface AnnounceAgent {
  /** Straight to our own trackers, to others by the proxy the environment names, if any. */
  readonly http: HttpClient;
  readonly plain: PlainClient;
  /** To trackers that have just answered over UDP. */
  readonly sockets: UdpSockets;
  readonly trackerRoutes: TrackerRoutes | undefined;
  readonly askOwnTracker: AskOwnTracker | undefined;
  readonly resolve: ResolveHost | undefined;
  /** Of all announces. */
  readonly clock: AlarmClock;
  /** Of all downloads that look further than their first tracker. */
  readonly pace: Pace;
  /** For those that say good-bye, of which there may be many in one moment. */
  readonly limitGoodbyes: ConcurrencyLimit;
  /** How many trackers it knows the health of. */
  readonly knownTrackers: number;
  /** Whether it is to hear that torrents stop: our own not when it ends with them. */
  hearsGoodbyes(url: string): boolean;
  /** The helper ends, and our own tracker with it. */
  end(): void;
  /** Two announce URLs of one protocol, host and port share one, whatever their paths. */
  healthOf(url: string, random: Random): TrackerHealth;
  /** Cuts every connection; announces under way fail. Never rejects. */
  close(): Promise<void>;
}

export interface AnnounceAgentOptions {
  readonly trackerRoutes?: TrackerRoutes | undefined;
  readonly askOwnTracker?: AskOwnTracker | undefined;
  /** The system's when left out. */
  readonly resolve?: ResolveHost | undefined;
}

export function createAnnounceAgent({
  trackerRoutes,
  askOwnTracker,
  resolve,
}: AnnounceAgentOptions = {}): AnnounceAgent {
  const clock = new AlarmClock();
  const isOwn = (url: string) => isTrustedTracker(url, trackerRoutes);
  let isEnding = false;
  const healthByOrigin = new Map<string, TrackerHealth>();
  const forgetIdle = () => {
    for (const [origin, health] of healthByOrigin) {
      if (health.isIdle) healthByOrigin.delete(origin);
    }
  };
  const http = createHttpClient({
    ...trackerHttpOptions,
    connectionsPerOrigin,
    resolve,
    route(url) {
      const { hostname, port, isOurs, isTrusted } = trackerRoute(url, trackerRoutes);
      return { origin: `${url.protocol}//${hostname}:${port}`, isDirect: isOurs, isTrusted };
    },
  });
  const { headers, maxBodyBytes } = trackerHttpOptions;
  const plain = new PlainClient({
    headers,
    maxBodyBytes,
    connectionsPerServer: connectionsPerOrigin,
  });
  const sockets = new UdpSockets();
  return {
    http,
    plain,
    sockets,
    trackerRoutes,
    askOwnTracker,
    resolve,
    clock,
    pace: new Pace({ everyMs: 1000 / widerAnnouncesPerSecond }),
    hearsGoodbyes: (url) => !isEnding || !isOwn(url),
    end() {
      isEnding = true;
    },
    limitGoodbyes: limitConcurrency(announceLimits.goodbyesAtOnce),
    get knownTrackers() {
      return healthByOrigin.size;
    },
    healthOf(url, random) {
      const origin = trackerUrl(url)?.origin ?? url;
      const known = healthByOrigin.get(origin);
      if (known !== undefined) return known;
      if (healthByOrigin.size >= maxIdleTrackers) forgetIdle();
      const health = new TrackerHealth(random, clock, isOwn(url) ? 'ours' : 'others');
      healthByOrigin.set(origin, health);
      return health;
    },
    close() {
      plain.close();
      sockets.close();
      return http.close();
    },
  };
}
