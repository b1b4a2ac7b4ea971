// Tracker clients and the embedded tracker, the two ends of our own announces, over real sockets.
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  startTrackerClient,
  type TrackerClient,
  type TrackerClientOptions,
} from '../../../../src/engine/trackers/tracker-client.js';
import { startTracker, type Tracker } from '../../../../src/tracker/start-tracker.js';
import {
  announceAgent,
  deadPort,
  httpTracker,
  udpTracker,
} from '../../../support/trackers/fake-trackers.js';

// Bytes that a client which takes them for text would mangle.
const infoHash = 'fffefd00010203040506070809aabbccddee2580';
const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

async function tracker(host = '127.0.0.1'): Promise<Tracker> {
  const listen = '127.0.0.1';
  const started = await startTracker({ host, listen, port: { asked: 0 }, admit: 'any' });
  undo.push(() => started.close());
  return started;
}

interface Peer {
  readonly client: TrackerClient;
  /** Resolves with the first peers it hears of. */
  readonly met: Promise<readonly string[]>;
  /** Resolves with the first tracker that accepts it. */
  readonly accepted: Promise<string>;
  readonly warned: readonly string[];
}

function peer(
  port: number,
  options: Pick<TrackerClientOptions, 'tiers'> & Partial<TrackerClientOptions>,
): Peer {
  const warned: string[] = [];
  let onPeers: TrackerClientOptions['onPeers'] = () => {};
  let onAccepted: TrackerClientOptions['onAccepted'] = () => {};
  const met = new Promise<readonly string[]>((resolve) => {
    onPeers = resolve;
  });
  const accepted = new Promise<string>((resolve) => {
    onAccepted = resolve;
  });
  const client = startTrackerClient({
    infoHash,
    peerId: Buffer.from(`-BH0001-${port}`.padEnd(20, '\xff'), 'latin1').toString('hex'),
    port,
    progress: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 7 }),
    onPeers,
    onAccepted,
    onWarning: ({ message }) => warned.push(message),
    agent: announceAgent(),
    ...options,
  });
  undo.push(() => client.stop());
  return { client, met, accepted, warned };
}

describe.each(['http', 'udp'])('two peers of one %s tracker', (protocol) => {
  const urlOf = (at: Tracker) => (protocol === 'http' ? at.announceUrl : at.udpAnnounceUrl);

  it('find each other, until one of them stops', async () => {
    const url = urlOf(await tracker());
    const first = peer(7001, { tiers: [[url]] });
    expect(await first.accepted).toBe(url);
    const second = peer(7002, { tiers: [[url]] });
    expect(await second.met).toEqual(['127.0.0.1:7001']);
    await first.client.stop();
    const third = peer(7003, { tiers: [[url]] });
    expect(await third.met).toEqual(['127.0.0.1:7002']);
  });

  it('may know it by an address that leads nowhere but by its route', async () => {
    const { port } = await tracker('203.0.113.1');
    const url = `${protocol}://203.0.113.1:6969/announce`;
    const trackerRoutes = new Map([['203.0.113.1:6969', `127.0.0.1:${port}`]]);
    expect(await peer(7001, { tiers: [[url]], agent: announceAgent(trackerRoutes) }).accepted).toBe(
      url,
    );
  });

  it('come back when it does', async () => {
    const listen = '127.0.0.1';
    const before = await tracker();
    await before.close();
    const waiting = peer(7001, { tiers: [[urlOf(before)]] });
    await vi.waitFor(() => expect(waiting.warned).toHaveLength(1));
    const port = { asked: before.port };
    const after = await startTracker({ host: listen, listen, port, admit: 'any' });
    undo.push(() => after.close());
    expect(await waiting.accepted).toBe(urlOf(after));
    expect(waiting.warned).toHaveLength(1);
  });
});

describe('a peer of several trackers', () => {
  it('is announced over UDP where HTTP is refused', async () => {
    const { udpAnnounceUrl } = await tracker();
    const dead = `http://127.0.0.1:${await deadPort()}/secret/announce`;
    const { accepted, warned } = peer(7001, { tiers: [[dead], [udpAnnounceUrl]] });
    expect(await accepted).toBe(udpAnnounceUrl);
    expect(warned).toEqual([expect.stringMatching(/ECONNREFUSED.*; it will be tried again$/)]);
    expect(warned.join()).not.toContain('secret');
  });

  it('comes through a row of hostile ones', async () => {
    const { announceUrl } = await tracker();
    const garbage = await httpTracker((_, response) => response.end('\u0000garbage'));
    const cut = await httpTracker(({ socket }) => socket.destroy());
    const refusing = await httpTracker((_, response) => response.end('d14:failure reasoni5ee'));
    const failing = await httpTracker((_, response) => response.writeHead(500).end());
    const hostile = [garbage, cut, refusing, failing].map(({ origin }) => [`${origin}/announce`]);
    const { accepted, warned } = peer(7001, { tiers: [...hostile, [announceUrl]] });
    expect(await accepted).toBe(announceUrl);
    expect(warned).toHaveLength(4);
  });
});

it('a hundred torrents announce over UDP eight at a time', async () => {
  const real = await tracker();
  const waiting = new Set<number>();
  let mostWaiting = 0;
  // Between the torrents and the tracker, to count who has sent and heard nothing yet.
  const udp = await udpTracker((packet, sender, socket) => {
    waiting.add(sender.port);
    mostWaiting = Math.max(mostWaiting, waiting.size);
    const inward = createSocket('udp4');
    inward.on('message', (answer) => {
      inward.close();
      if (answer.readUInt32BE(0) === 1) waiting.delete(sender.port);
      socket.send(answer, sender.port, sender.address);
    });
    inward.send(packet, real.port, '127.0.0.1');
  });
  const agent = announceAgent();
  const peers = Array.from({ length: 100 }, (_, index) => {
    const hash = index.toString(16).padStart(40, '0');
    return peer(7001, { tiers: [[udp.origin]], infoHash: hash, agent });
  });
  await Promise.all(peers.map(({ accepted }) => accepted));
  expect(mostWaiting).toBe(8);
});

it('a tracker that was restarted hears of fifty torrents again', async () => {
  const before = await tracker();
  await before.close();
  const agent = announceAgent();
  const peers = Array.from({ length: 50 }, (_, index) => {
    const hash = index.toString(16).padStart(40, '0');
    return peer(7001, { tiers: [[before.announceUrl]], infoHash: hash, agent });
  });
  await vi.waitFor(() => expect(peers.every(({ warned }) => warned.length === 1)).toBe(true));
  const listen = '127.0.0.1';
  const port = { asked: before.port };
  const after = await startTracker({ host: listen, listen, port, admit: 'any' });
  undo.push(() => after.close());
  await Promise.all(peers.map(({ accepted }) => accepted));
  expect(peers.flatMap(({ warned }) => warned)).toHaveLength(50);
});

it('a thousand torrents are announced over one agent', async () => {
  const { announceUrl } = await tracker();
  const agent = announceAgent();
  const peers = Array.from({ length: 1000 }, (_, index) => {
    const hash = index.toString(16).padStart(40, '0');
    return peer(7001, { tiers: [[announceUrl]], infoHash: hash, agent });
  });
  await Promise.all(peers.map(({ accepted }) => accepted));
  expect(peers.flatMap(({ warned }) => warned)).toEqual([]);
});
