// Trackers under a test's control, on 127.0.0.1, closed after each test; and an announce to send them.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { onTestFinished } from 'vitest';
import type {
  AnnounceRequest,
  TrackerRoutes,
} from '../../../src/engine/trackers/announce/announce-request.js';
import {
  type AnnounceAgent,
  createAnnounceAgent,
} from '../../../src/engine/trackers/announce-agent.js';
import type { AskOwnTracker } from '../../../src/tracker-protocol/own-announce.js';
import { listenOn } from '../web/listen-on.js';

export const request: AnnounceRequest = {
  infoHash: '00ff207e41802b25263d0a0d1122334455667788',
  peerId: Buffer.from('-BH0001-\u0000&=%+ 345678', 'latin1').toString('hex'),
  port: 6881,
  uploadedBytes: 1,
  downloadedBytes: 2,
  leftBytes: 3,
  numWant: 50,
  key: '89abcdef',
};

/** `d8:intervali60e5:peers6:…e`: one peer, 1.2.3.4:5. */
export const goodAnswer = Buffer.from(
  'd8:intervali60e5:peers6:\x01\x02\x03\x04\x00\x05e',
  'latin1',
);

export function announceAgent(
  trackerRoutes?: TrackerRoutes,
  askOwnTracker?: AskOwnTracker,
): AnnounceAgent {
  const agent = createAnnounceAgent({ trackerRoutes, askOwnTracker });
  onTestFinished(() => agent.close());
  return agent;
}

export interface HttpTracker {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** What it was asked, in this order. */
  readonly requests: readonly IncomingMessage[];
  readonly server: Server;
  /** The `event` of each request. */
  events(): readonly (string | null)[];
  close(): Promise<void>;
}

export async function httpTracker(answer: RequestListener): Promise<HttpTracker> {
  const requests: IncomingMessage[] = [];
  const server = createServer((incoming, response) => {
    requests.push(incoming);
    answer(incoming, response);
  });
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  onTestFinished(close);
  const port = await listenOn(server);
  const queries = () => requests.map(({ url = '' }) => new URL(url, 'http://tracker').searchParams);
  const events = () => queries().map((query) => query.get('event'));
  return { port, server, origin: `http://127.0.0.1:${port}`, requests, events, close };
}

export interface UdpTracker {
  readonly port: number;
  /** `udp://127.0.0.1:port` */
  readonly origin: string;
  readonly packets: readonly Buffer[];
}

export type UdpAnswer = (packet: Buffer, sender: RemoteInfo, socket: Socket) => void;

export async function udpTracker(
  answer: UdpAnswer,
  host = '127.0.0.1',
  onPort = 0,
): Promise<UdpTracker> {
  const packets: Buffer[] = [];
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  onTestFinished(() => void socket.close());
  socket.on('message', (packet, sender) => {
    packets.push(packet);
    answer(packet, sender, socket);
  });
  socket.bind(onPort, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  return { port, origin: `udp://${host.includes(':') ? `[${host}]` : host}:${port}`, packets };
}

/** A port of 127.0.0.1 where nobody listens. */
export async function deadPort(): Promise<number> {
  const tracker = await httpTracker(() => {});
  await tracker.close();
  return tracker.port;
}
