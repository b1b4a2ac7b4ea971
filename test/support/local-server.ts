// Web servers of the story: one that serves bytes by their path, and a tracker that remembers what it was told.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { until } from './deadline.js';

/** Listens on a free port, or the one given, until the test ends. Gives back the URL, without a slash at its end. */
export async function serve(listener: RequestListener, port = 0): Promise<string> {
  const server = createServer(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
}

export interface Announce {
  readonly infoHash: string;
  /** `started`, `completed`, `stopped`, or empty. */
  readonly event: string;
  readonly port: number;
  readonly leftBytes: number;
  readonly uploadedBytes: number;
}

export interface FakeTracker {
  readonly announceUrl: string;
  readonly announces: readonly Announce[];
  /** Waits for an announce with this event. */
  heard(event: string): Promise<void>;
}

/** A tracker that knows nobody. Announces with an event of `unanswered` are left hanging. */
export async function startFakeTracker(unanswered: readonly string[] = []): Promise<FakeTracker> {
  const announces: Announce[] = [];
  const url = await serve(({ url: path = '' }, response) => {
    const announce = readAnnounce(path);
    announces.push(announce);
    if (!unanswered.includes(announce.event)) response.end('d8:intervali1800e5:peers0:e');
  });
  return {
    announceUrl: `${url}/announce`,
    announces,
    heard: (event) => until(() => announces.some((one) => one.event === event), event),
  };
}

function readAnnounce(path: string): Announce {
  const query = path.slice(path.indexOf('?') + 1);
  const values = new Map(query.split('&').map((pair) => pairOf(pair)));
  return {
    infoHash: Buffer.from(values.get('info_hash') ?? '', 'latin1').toString('hex'),
    event: values.get('event') ?? '',
    port: Number(values.get('port')),
    leftBytes: Number(values.get('left')),
    uploadedBytes: Number(values.get('uploaded')),
  };
}

export interface SwarmTracker {
  readonly announceUrl: string;
  /** What whoever announced first says that it has sent: the newest word of it. */
  readonly firstUploadedBytes: number;
}

/** A tracker of one swarm on this machine, which names everyone who has announced and has not stopped. */
export async function startSwarmTracker(): Promise<SwarmTracker> {
  const uploadedBytes = new Map<number, number>();
  const ports = new Set<number>();
  const url = await serve(({ url: path = '' }, response) => {
    const { port, event, uploadedBytes: sentBytes } = readAnnounce(path);
    const others = [...ports].filter((each) => each !== port);
    uploadedBytes.set(port, sentBytes);
    if (event === 'stopped') ports.delete(port);
    else ports.add(port);
    const peers = others.flatMap((each) => [127, 0, 0, 1, each >> 8, each & 255]);
    const begin = Buffer.from(`d8:intervali1800e5:peers${peers.length}:`);
    response.end(Buffer.concat([begin, Buffer.from(peers), Buffer.from('e')]));
  });
  return {
    announceUrl: `${url}/announce`,
    get firstUploadedBytes() {
      return [...uploadedBytes.values()][0] ?? 0;
    },
  };
}

/** Info hashes are bytes, not UTF-8. */
function pairOf(pair: string): [string, string] {
  const [key = '', value = ''] = pair.split('=');
  const bytes = value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return [key, bytes];
}
