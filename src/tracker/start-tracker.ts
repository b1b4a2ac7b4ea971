// The embedded tracker: HTTP (BEP 3, 23, 7) and UDP (BEP 15) on one port number. Joins the sockets with what is
// spoken over them, and ends both together.
import { withTimeout } from '../async/with-timeout.js';
import { trackerLimits } from '../limits.js';
import { isOwnAddress } from '../net/own-addresses.js';
import { httpAnnounceUrl, udpAnnounceUrl } from '../tracker-protocol/announce-url.js';
import type { OwnAnnounce, OwnAnnounceAnswer } from '../tracker-protocol/own-announce.js';
import { answerHttpRequest, answerPlainly } from './http-tracker.js';
import { openTrackerPorts, type PortChoice, type TrackerPorts } from './open-tracker-ports.js';
import { answerOwnAnnounce } from './own-tracker.js';
import { RequestBudget } from './senders/request-budget.js';
import { Swarms, type SwarmsOptions } from './swarms/swarms.js';
import { UdpTracker } from './udp-tracker.js';

export interface TrackerOptions {
  /** The IP address by which peers reach the tracker; it stands in the announce URLs. */
  readonly host: string;
  /** The IP address it listens on, and only there. `::` takes IPv4 as well. */
  readonly listen: string;
  readonly port: PortChoice;
  /**
   * `registered`: only torrents that were registered, or that a peer on this machine announces.
   * `any`: whatever is announced.
   */
  readonly admit: 'registered' | 'any';
  /** How often peers are asked to announce. Short, so that a tracker which was restarted soon knows its swarms again. */
  readonly intervalMs?: number;
  /** How long a client may take to send one HTTP request. */
  readonly requestMs?: number;
  /** Of what is remembered; as limits.ts has them if left out. */
  readonly limits?: SwarmsOptions['limits'];
}

export interface Tracker {
  readonly announceUrl: string;
  readonly udpAnnounceUrl: string;
  readonly port: number;
  /** Tracks this torrent (40 lower-case hex digits) for peers from anywhere. May be called more than once. */
  register(infoHash: string): void;
  /** Takes one registration back; after the last, the torrent is forgotten when its last peer has gone. */
  unregister(infoHash: string): void;
  /** As an announce by HTTP that comes from this address. Undefined once it is closed. Never throws. */
  announce(announce: OwnAnnounce, sender: string): OwnAnnounceAnswer | undefined;
  /** Stops listening and cuts what is open, within a second. Never rejects; again: the same promise. */
  close(): Promise<void>;
}

const closeTimeoutMs = 1_000;
/** Peers forgotten in one turn. */
const expiredAtOnce = 5_000;
/**
 * libtorrent announces every 5 minutes at most, whatever interval it is told (`min_announce_interval`):
 * a peer is forgotten once it missed two of those.
 */
const shortestPeerTtlMs = 11 * 60_000;

/** Resolves when the tracker takes requests. Rejects with `PORT_TAKEN`. */
export async function startTracker(options: TrackerOptions): Promise<Tracker> {
  const { host, listen, admit, intervalMs = 45_000, requestMs = trackerLimits.requestMs } = options;
  const swarms = new Swarms({
    admit,
    peerTtlMs: Math.max(3 * intervalMs, shortestPeerTtlMs),
    ...(options.limits && { limits: options.limits }),
  });
  const budget = new RequestBudget(trackerLimits);
  const context = { swarms, host, intervalMs, isOwnAddress, budget, nowMs };
  const ports = await openTrackerPorts(
    listen,
    options.port,
    (request, response) => {
      // Nothing below is known to throw; should it after all, this one request fails, and not the helper.
      try {
        answerHttpRequest(context, request, response);
      } catch {
        response.destroy();
      }
    },
    {
      requestMs,
      budget,
      answerPlainly(chunk, socket, mayAsk) {
        try {
          return answerPlainly(context, chunk, socket, mayAsk);
        } catch {
          socket.destroy();
          return undefined;
        }
      },
    },
  );
  const udpTracker = new UdpTracker(context);
  ports.udp.on('message', (packet, sender) => {
    try {
      const answer = udpTracker.answer(packet, sender);
      if (answer) ports.udp.send(answer, sender.port, sender.address);
    } catch {
      // As for HTTP; an unanswered datagram is asked again.
    }
  });
  let rest: NodeJS.Immediate | undefined;
  /** A turn at a time: where a million fall silent at once, others are answered meanwhile. */
  const expire = () => {
    clearImmediate(rest);
    const isDone = swarms.expire(nowMs(), expiredAtOnce);
    rest = isDone ? undefined : setImmediate(expire);
  };
  const sweep = setInterval(expire, intervalMs);
  sweep.unref();

  let closing: Promise<void> | undefined;
  return {
    announceUrl: httpAnnounceUrl(host, ports.port),
    udpAnnounceUrl: udpAnnounceUrl(host, ports.port),
    port: ports.port,
    register: (infoHash) => swarms.register(Buffer.from(infoHash, 'hex')),
    unregister: (infoHash) => swarms.unregister(Buffer.from(infoHash, 'hex')),
    announce(announce, sender) {
      if (closing !== undefined) return undefined;
      try {
        return answerOwnAnnounce(context, announce, sender);
      } catch {
        return undefined;
      }
    },
    close() {
      clearInterval(sweep);
      clearImmediate(rest);
      closing ??= closePorts(ports);
      return closing;
    },
  };
}

async function closePorts({ http, udp, cut }: TrackerPorts): Promise<void> {
  const closed = Promise.all([
    new Promise<void>((done) => http.close(() => done())),
    new Promise<void>((done) => udp.close(done)),
  ]);
  cut();
  await withTimeout(closeTimeoutMs, closed);
}

/** A clock that no change of the date moves. */
function nowMs(): number {
  return performance.now();
}
