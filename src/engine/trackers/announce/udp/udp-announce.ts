// One announce over UDP (BEP 15): connect, announce, and the socket is closed whatever happens. Of a name's addresses that
// one hears it which is the first to answer; IPv4 begins, for a tracker names peers of the family it is asked by. Knows no
// schedule.
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4, isIPv6 } from 'node:net';
import { withDeadline } from '../../../../async/with-deadline.js';
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
import { readAnnounceAnswer, readConnectAnswer } from './udp-answer.js';

export interface UdpAnnounceOptions extends Omit<AnnounceOptions, 'agent'> {
  readonly trackerRoutes?: TrackerRoutes | undefined;
  /** The system's when left out. */
  readonly resolve?: ResolveHost | undefined;
  /** When an unanswered packet is sent again; BEP 15's own 15 · 2ⁿ s would let a lost one cost a quarter of a minute. */
  readonly retransmitAfterMs?: readonly number[] | undefined;
}

/** Rejects with TRACKER_UNREACHABLE or TRACKER_FORBIDDEN, and nothing else. */
export async function announceOverUdp(
  url: string,
  request: AnnounceRequest,
  options: UdpAnnounceOptions,
): Promise<AnnounceAnswer> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  try {
    return await withDeadline({ timeoutMs, signal }, (deadline) =>
      connectAndAnnounce(url, request, { ...options, signal: deadline }),
    );
  } catch (thrown) {
    throw toTrackerError(url, thrown);
  }
}

async function connectAndAnnounce(
  url: string,
  request: AnnounceRequest,
  {
    trackerRoutes,
    resolve = resolveHost,
    permit,
    retransmitAfterMs = [2000, 4000, 8000],
    signal,
  }: UdpAnnounceOptions & { readonly signal: AbortSignal },
): Promise<AnnounceAnswer> {
  const announce = new URL(url);
  const { hostname, port, isTrusted } = trackerRoute(announce, trackerRoutes);
  const addresses = [...(await resolve(hostname))].sort(ipv4First);
  signal.throwIfAborted();
  const connect = async (address: string, heat: Heat): Promise<Connected> => {
    if (!isTrusted) permit?.check(announce, address);
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    // What goes wrong while nobody awaits the socket is nobody's concern.
    socket.on('error', () => {});
    try {
      // A connected socket hears its peer alone, and hears of a port where nobody listens.
      socket.connect(port, address);
      await once(socket, 'connect', { signal: heat.lost });
      const answer = await ask(socket, connectPacket, retransmitAfterMs, heat.lost);
      // A refusal is an answer, too.
      if (!heat.won()) throw new Error('another address was quicker');
      return { socket, address, connectionId: readConnectAnswer(url, answer) };
    } catch (thrown) {
      socket.close();
      throw thrown;
    }
  };
  const host = `udp://${hostname}:${port}`;
  const { socket, address, connectionId } = await raceAddresses(host, addresses, connect, signal);
  try {
    const packetFor = (transactionId: number) =>
      announcePacket(connectionId, transactionId, toUdpAnnounce(request), urlData(announce));
    const answer = await ask(socket, packetFor, retransmitAfterMs, signal);
    const answered = readAnnounceAnswer(url, answer, isIPv6(address) ? 'IPv6' : 'IPv4');
    return { ...answered, from: address };
  } finally {
    socket.close();
  }
}

interface Connected {
  readonly socket: Socket;
  readonly address: string;
  readonly connectionId: Uint8Array;
}

function ipv4First(a: string, b: string): number {
  return Number(isIPv6(a)) - Number(isIPv6(b));
}

function toUdpAnnounce(request: AnnounceRequest): UdpAnnounce {
  const { ip } = request;
  return {
    ...request,
    leftBytes: leftToAnnounce(request),
    ip: ip !== undefined && isIPv4(ip) ? ip : undefined,
  };
}

/** Path and query, for they may hold a passkey (BEP 41); nothing for the usual `/announce`. */
function urlData({ pathname, search }: URL): string {
  const isUsual = search === '' && ['', '/', '/announce'].includes(pathname);
  return isUsual ? '' : `${pathname}${search}`;
}

/** Sends a packet until the answer of its transaction comes; everything else that comes is passed over. */
async function ask(
  socket: Socket,
  packetFor: (transactionId: number) => Buffer,
  retransmitAfterMs: readonly number[],
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  const transactionId = randomInt(2 ** 32);
  const packet = packetFor(transactionId);
  return new Promise((resolve, reject) => {
    const timers = retransmitAfterMs.map((ms) => setTimeout(() => socket.send(packet), ms).unref());
    const onMessage = (message: Buffer) => {
      if (!answersTo(message, transactionId)) return;
      settle();
      resolve(message);
    };
    const onError = (error: Error) => {
      settle();
      reject(error);
    };
    const onAbort = () => onError(signal.reason);
    const settle = () => {
      for (const timer of timers) clearTimeout(timer);
      socket.off('message', onMessage).off('error', onError);
      signal.removeEventListener('abort', onAbort);
    };
    socket.on('message', onMessage).on('error', onError);
    signal.addEventListener('abort', onAbort);
    socket.send(packet);
  });
}
