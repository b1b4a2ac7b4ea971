// Opens one port number for both TCP and UDP on one address. Knows nothing of what is spoken there.
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type RequestListener, type Server } from 'node:http';
import { isIPv6, type Socket as TcpSocket } from 'node:net';
import { HelperError, systemCode } from '../errors.js';
import { trackerLimits } from '../limits.js';
import { connectionCaps, openFilesLimit } from '../net/descriptor-budget.js';
import { isOwnAddress } from '../net/own-addresses.js';
import { servePlainly } from './plain/serve-plainly.js';
import { HttpConnections } from './senders/http-connections.js';
import { RequestBudget } from './senders/request-budget.js';

/** `asked`: this port or none. `from`: this one, or the next that is free. */
export type PortChoice = { readonly asked: number } | { readonly from: number };

export interface TrackerPorts {
  readonly http: Server;
  readonly udp: Socket;
  readonly port: number;
  /** Cuts the connections of `http`. */
  cut(): void;
}

/** The answer to what was read of a connection at once; undefined: it takes a whole server, or nobody at all. */
export type AnswerPlainly = (
  chunk: Buffer,
  socket: TcpSocket,
  mayAsk: () => boolean,
) => string | undefined;

export interface HttpLimits {
  /** How long a client may take to send one request. */
  readonly requestMs: number;
  /** How many may be connected at once; as many as there are descriptors for when left out. */
  readonly maxConnections?: number;
  /** Of requests, shared with others; its own if left out. */
  readonly budget?: RequestBudget;
  /** A shorter way for some requests. */
  readonly answerPlainly?: AnswerPlainly;
}

/** Rejects with `PORT_TAKEN`. Both sockets have an error listener: what goes wrong later ends one request at most. */
export async function openTrackerPorts(
  listen: string,
  choice: PortChoice,
  onRequest: RequestListener,
  limits: HttpLimits,
): Promise<TrackerPorts> {
  let failure: unknown;
  for (const port of candidates(choice)) {
    try {
      return await openBoth(listen, port, onRequest, limits);
    } catch (thrown) {
      failure = thrown;
      if (!isTaken(thrown)) break;
    }
  }
  throw portError(listen, choice, failure);
}

/** 0 lets the system choose: more than once, as what it chooses for TCP may be taken for UDP. */
function candidates(choice: PortChoice): readonly number[] {
  const anyFree = [0, 0, 0, 0, 0];
  if ('asked' in choice) return choice.asked === 0 ? anyFree : [choice.asked];
  const above = Array.from({ length: 100 }, (_, index) => choice.from + index);
  return [...above.filter((port) => port < 65_536), ...anyFree];
}

async function openBoth(
  listen: string,
  wanted: number,
  onRequest: RequestListener,
  limits: HttpLimits,
): Promise<TrackerPorts> {
  const { http, connections } = createHttp(onRequest, limits);
  const udp = createUdp(listen);
  try {
    await whenBound(http, () => http.listen(wanted, listen));
    const address = http.address();
    const port = address !== null && typeof address === 'object' ? address.port : wanted;
    await whenBound(udp, () => udp.bind(port, listen));
    return { http, udp, port, cut: () => connections.cut() };
  } catch (thrown) {
    http.close();
    udp.close();
    throw thrown;
  }
}

/** Answers go to addresses, never to names: to look those up takes a turn of the event loop and as long as all the rest. */
function createUdp(listen: string): Socket {
  const family = isIPv6(listen) ? 6 : 4;
  return createSocket({
    type: `udp${family}`,
    lookup: (address, _, found) => found(null, address, family),
  });
}

function createHttp(
  onRequest: RequestListener,
  limits: HttpLimits,
): { readonly http: Server; readonly connections: HttpConnections } {
  const { requestMs, maxConnections = connectionCaps(openFilesLimit()).tracker } = limits;
  const { answerPlainly = () => undefined } = limits;
  // Not `http.maxConnections`: it turns newcomers away, whoever is idle.
  const connections = new HttpConnections({
    connections: maxConnections,
    connectionsPerAddress: trackerLimits.connectionsPerAddress,
    isOwnAddress,
    budget: limits.budget ?? new RequestBudget(trackerLimits),
    nowMs: () => performance.now(),
  });
  const http = createServer(
    {
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.ceil(requestMs / 4),
      keepAliveTimeout: requestMs,
    },
    (request, response) => {
      if (connections.asks(request.socket)) onRequest(request, response);
    },
  );
  // Node's own, which makes of a connection what speaks HTTP.
  const servers = http.listeners('connection');
  http.removeAllListeners('connection');
  http.on('connection', (socket) => {
    connections.add(socket);
    if (socket.destroyed) return;
    servePlainly(socket, {
      // As for Node's server below: whoever is late by a turn of ours is not to be cut off while they ask.
      idleMs: 2 * requestMs,
      answer: (chunk) => answerPlainly(chunk, socket, () => connections.asks(socket)),
      handOver() {
        for (const serve of servers) Reflect.apply(serve, http, [socket]);
      },
    });
  });
  // Also for a client that asks much and never reads the answers.
  http.setTimeout(2 * requestMs);
  return { http, connections };
}

function whenBound(socket: Server | Socket, bind: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // It stays for the life of the socket, after which it has no effect: an error event without a listener would throw.
    socket.on('error', reject);
    socket.once('listening', resolve);
    bind();
  });
}

function isTaken(thrown: unknown): boolean {
  const code = systemCode(thrown);
  return code === 'EADDRINUSE' || code === 'EACCES';
}

function portError(listen: string, choice: PortChoice, cause: unknown): HelperError {
  const code = systemCode(cause);
  if (!isTaken(cause)) {
    const message = `the tracker cannot listen on ${listen} (${code}): is it an address of this machine?`;
    return new HelperError('PORT_TAKEN', message, { cause });
  }
  const port = 'asked' in choice ? choice.asked : choice.from;
  const why = code === 'EACCES' ? 'it needs more rights' : 'it is in use, for TCP or for UDP';
  const message = `the tracker cannot listen on port ${port} of ${listen}: ${why}; choose another tracker port`;
  return new HelperError('PORT_TAKEN', message, { cause });
}
