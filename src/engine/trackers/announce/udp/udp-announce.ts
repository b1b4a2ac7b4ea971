// One announce over UDP (BEP 15): connect, unless another announce has just done so, and announce. What fails closes its
// socket. Of a name's addresses that one hears it which is the first to answer; IPv4 begins, for a tracker names peers of the
// family it is asked by. Knows no schedule.
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4, isIPv6 } from 'node:net';
import { withDeadline } from '../../../../async/with-deadline.js';
import { HelperError } from '../../../../errors.js';
import { type Heat, raceAddresses } from '../../../../net/race-addresses.js';
import { type ResolveHost, resolveHost } from '../../../../net/resolve-host.js';
import {
  announcePacket,
  answersTo,
  connectPacket,
  type UdpAnnounce,
} from '../../../../tracker-protocol/udp-packets.js';
import {
  type AnnounceAnswer,
  type AnnounceOptions,
  type AnnounceRequest,
  defaultTimeoutMs,
  leftToAnnounce,
  type TrackerRoutes,
} from '../announce-request.js';
import { toTrackerError } from '../tracker-error.js';
import { trackerRoute } from '../tracker-route.js';
import { trackerUrl } from '../tracker-url.js';
import type { ConnectedSocket, UdpSockets } from '../udp-sockets.js';
import { readAnnounceAnswer, readConnectAnswer } from './udp-answer.js';

export interface UdpAnnounceOptions extends Omit<AnnounceOptions, 'agent'> {
  readonly trackerRoutes?: TrackerRoutes | undefined;
  /** The system's when left out. */
  readonly resolve?: ResolveHost | undefined;
  /** When an unanswered packet is sent again; BEP 15's own 15 · 2ⁿ s would let a lost one cost a quarter of a minute. */
  readonly retransmitAfterMs?: readonly number[] | undefined;
  /** Where sockets are kept for the next announce; left out, each has its own. */
  readonly sockets?: UdpSockets | undefined;
}

/** Rejects with TRACKER_UNREACHABLE or TRACKER_FORBIDDEN, and nothing else. */
export async function announceOverUdp(
  url: string,
  request: AnnounceRequest,
  options: UdpAnnounceOptions,
): Promise<AnnounceAnswer> {
  const { timeoutMs = defaultTimeoutMs, signal, sockets } = options;
  let leftMs = timeoutMs;
  try {
    const host = sockets && hostOf(url, options.trackerRoutes);
    const connected = host === undefined ? undefined : sockets?.take(host);
    if (connected !== undefined) {
      const beganAtMs = performance.now();
      const answer = await announceBy(connected, url, request, { ...options, timeoutMs });
      if (answer !== undefined) return answer;
      leftMs -= performance.now() - beganAtMs;
    }
    return await withDeadline({ timeoutMs: leftMs, signal }, (deadline) =>
      connectAndAnnounce(url, request, { ...options, signal: deadline }),
    );
  } catch (thrown) {
    throw toTrackerError(url, thrown);
  }
}

const usualRetransmitAfterMs = [2000, 4000, 8000];

/** By a socket that is connected already; undefined where nothing good comes of it. */
async function announceBy(
  connected: ConnectedSocket,
  text: string,
  request: AnnounceRequest,
  options: UdpAnnounceOptions & { readonly timeoutMs: number },
): Promise<AnnounceAnswer | undefined> {
  const { sockets, permit, signal, retransmitAfterMs = usualRetransmitAfterMs } = options;
  const { socket, address, connectionId } = connected;
  const url = trackerUrl(text)?.url ?? new URL(text);
  const { isTrusted, host } = routeOf(url, options.trackerRoutes);
  let answered: AnnounceAnswer | undefined;
  try {
    if (!isTrusted) permit?.check(url, address);
    const [oftenLostMs = options.timeoutMs] = retransmitAfterMs;
    const waitMs = Math.min(options.timeoutMs, oftenLostMs);
    const answer = await ask(socket, packetFor(url, connectionId, request), [], signal, waitMs);
    answered = readAnswer(text, answer, address);
    return answered;
  } catch (thrown) {
    // It may have been restarted, and refuse the connection id alone.
    if (signal?.aborted || isForbidden(thrown)) throw thrown;
    return undefined;
  } finally {
    if (answered === undefined) socket.close();
    else sockets?.keep(host, connected);
  }
}

async function connectAndAnnounce(
  url: string,
  request: AnnounceRequest,
  {
    trackerRoutes,
    resolve = resolveHost,
    permit,
    retransmitAfterMs = usualRetransmitAfterMs,
    signal,
    sockets,
  }: UdpAnnounceOptions & { readonly signal: AbortSignal },
): Promise<AnnounceAnswer> {
  const announce = new URL(url);
  const { hostname, port, isTrusted, host } = routeOf(announce, trackerRoutes);
  const addresses = [...(await resolve(hostname))].sort(ipv4First);
  signal.throwIfAborted();
  const open = (address: string) => createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const connect = async (address: string, heat: Heat): Promise<ConnectedSocket> => {
    if (!isTrusted) permit?.check(announce, address);
    const socket = sockets === undefined ? open(address) : sockets.inNobodysName(open, address);
    // What goes wrong while nobody awaits the socket is nobody's concern.
    socket.on('error', () => {});
    try {
      // A connected socket hears its peer alone, and hears of a port where nobody listens.
      socket.connect(port, address);
      await once(socket, 'connect', { signal: heat.lost });
      const answer = await ask(socket, connectPacket, retransmitAfterMs, heat.lost);
      // A refusal is an answer, too.
      if (!heat.won()) throw new Error('another address was quicker');
      const connectionId = readConnectAnswer(url, answer);
      return { socket, address, connectionId, atMs: performance.now() };
    } catch (thrown) {
      socket.close();
      throw thrown;
    }
  };
  const connected = await raceAddresses(host, addresses, connect, signal);
  const { socket, address, connectionId } = connected;
  let isGood = false;
  try {
    const packet = packetFor(announce, connectionId, request);
    const answer = await ask(socket, packet, retransmitAfterMs, signal);
    const answered = readAnswer(url, answer, address);
    isGood = true;
    return answered;
  } finally {
    if (isGood && sockets !== undefined) sockets.keep(host, connected);
    else socket.close();
  }
}

/** Undefined for what is none. */
function hostOf(text: string, routes: TrackerRoutes | undefined): string | undefined {
  const url = trackerUrl(text)?.url;
  return url === undefined || url.port === '' ? undefined : routeOf(url, routes).host;
}

function routeOf(url: URL, routes: TrackerRoutes | undefined) {
  const route = trackerRoute(url, routes);
  return { ...route, host: `udp://${route.hostname}:${route.port}` };
}

function isForbidden(thrown: unknown): boolean {
  return thrown instanceof HelperError && thrown.code === 'TRACKER_FORBIDDEN';
}

function packetFor(url: URL, connectionId: Uint8Array, request: AnnounceRequest) {
  return (transactionId: number) =>
    announcePacket(connectionId, transactionId, toUdpAnnounce(request), urlData(url));
}

function readAnswer(url: string, packet: Buffer, address: string): AnnounceAnswer {
  const answered = readAnnounceAnswer(url, packet, isIPv6(address) ? 'IPv6' : 'IPv4');
  return { ...answered, from: address };
}

function ipv4First(a: string, b: string): number {
  return Number(isIPv6(a)) - Number(isIPv6(b));
}

function toUdpAnnounce(request: AnnounceRequest): UdpAnnounce {
  const { ip } = request;
  return {
    ...request,
    peerId: Buffer.from(request.peerId, 'hex'),
    leftBytes: leftToAnnounce(request),
    ip: ip !== undefined && isIPv4(ip) ? ip : undefined,
  };
}

/** Path and query, for they may hold a passkey (BEP 41); nothing for the usual `/announce`. */
function urlData({ pathname, search }: URL): string {
  const isUsual = search === '' && ['', '/', '/announce'].includes(pathname);
  return isUsual ? '' : `${pathname}${search}`;
}

/**
 * Sends a packet until the answer of its transaction comes; everything else that comes is passed over. Rejects after `waitMs`,
 * if that is given.
 */
async function ask(
  socket: Socket,
  packetFor: (transactionId: number) => Buffer,
  retransmitAfterMs: readonly number[],
  signal?: AbortSignal,
  waitMs?: number,
): Promise<Buffer> {
  signal?.throwIfAborted();
  const transactionId = randomInt(2 ** 32);
  const packet = packetFor(transactionId);
  return new Promise((resolve, reject) => {
    const later = (ms: number, task: () => void) => setTimeout(task, ms).unref();
    const onMessage = (message: Buffer) => {
      if (!answersTo(message, transactionId)) return;
      settle();
      resolve(message);
    };
    const onError = (error: Error) => {
      settle();
      reject(error);
    };
    const timers = retransmitAfterMs.map((ms) => later(ms, () => socket.send(packet)));
    if (waitMs !== undefined) timers.push(later(waitMs, () => onError(new Error('no answer'))));
    const onAbort = () => onError(signal?.reason);
    const settle = () => {
      for (const timer of timers) clearTimeout(timer);
      socket.off('message', onMessage).off('error', onError);
      signal?.removeEventListener('abort', onAbort);
    };
    socket.on('message', onMessage).on('error', onError);
    signal?.addEventListener('abort', onAbort);
    socket.send(packet);
  });
}
