// HTTP trackers of a story: they remember what they were told, and name whom they are told to.

import { until } from '../waiting.js';
import { serve } from '../web/web-server.js';
import { announceAnswer } from './announce-answer.js';

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
    if (!unanswered.includes(announce.event)) response.end(announceAnswer([]));
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
    response.end(announceAnswer(others));
  });
  return {
    announceUrl: `${url}/announce`,
    get firstUploadedBytes() {
      return [...uploadedBytes.values()][0] ?? 0;
    },
  };
}

/** A tracker that names these peers to everybody. Gives back its announce URL. */
export async function startTrackerOf(peerPorts: () => readonly number[]): Promise<string> {
  const url = await serve((_, response) => response.end(announceAnswer(peerPorts())));
  return `${url}/announce`;
}

/** Info hashes are bytes, not UTF-8. */
function pairOf(pair: string): [string, string] {
  const [key = '', value = ''] = pair.split('=');
  const bytes = value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return [key, bytes];
}
