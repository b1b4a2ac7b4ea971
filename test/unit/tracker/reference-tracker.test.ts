// The same announces and scrapes to bittorrent-tracker's server and to ours: the same answers. Left out is what is meant
// to differ: nobody is told of itself here, who stops is told of no others, and a scrape over HTTP may name any bytes.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import ReferenceServer from 'bittorrent-tracker/server';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracker, type Tracker } from '../../../src/tracker/start-tracker.js';
import {
  type AnnounceFields,
  getAnnounce,
  percentEncoded,
  readPeers,
  UdpPeer,
  udpAnnounce,
  udpScrape,
} from '../../support/trackers/tracker-requests.js';

const intervalMs = 45_000;
const referenceId = Buffer.from('0000041727101980', 'hex');

/** A tracker as a peer sees it. */
interface Asked {
  readonly announceUrl: string;
  readonly udp: UdpPeer;
  readonly connectionId: Uint8Array;
}

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

function udpPeer(port: number): UdpPeer {
  const peer = new UdpPeer(port);
  cleanups.push(() => peer.close());
  return peer;
}

async function startOurs(): Promise<Asked> {
  const loopback = { host: '127.0.0.1', listen: '127.0.0.1', port: { asked: 0 } };
  const tracker: Tracker = await startTracker({ ...loopback, admit: 'any', intervalMs });
  cleanups.push(() => tracker.close());
  const udp = udpPeer(tracker.port);
  return { announceUrl: tracker.announceUrl, udp, connectionId: await udp.connect() };
}

/** Its requests are handed over, as its own sockets would be bound to all addresses. */
async function startReference(): Promise<Asked> {
  const server = new ReferenceServer({
    interval: intervalMs,
    http: false,
    udp: false,
    ws: false,
    stats: false,
  });
  const http = createServer((request, response) => server.onHttpRequest(request, response));
  const udp = createSocket('udp4', (message, sender) => server.onUdpRequest(message, sender));
  server.udp4 = udp;
  cleanups.push(
    () => http.close(),
    () => udp.close(),
  );
  await once(http.listen(0, '127.0.0.1'), 'listening');
  await once(udp.bind(0, '127.0.0.1'), 'listening');
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    announceUrl: `http://127.0.0.1:${address.port}/announce`,
    udp: udpPeer(udp.address().port),
    connectionId: referenceId,
  };
}

let ours: Asked;
let reference: Asked;
beforeAll(async () => {
  ours = await startOurs();
  reference = await startReference();
});

interface Step {
  readonly peer: number;
  readonly event: string;
  readonly over: 'http' | 'udp';
  readonly numwant: number | undefined;
}

async function announce(to: Asked, over: Step['over'], fields: AnnounceFields) {
  if (over === 'http') {
    const { failure, interval, complete, incomplete, peers } = await getAnnounce(
      to.announceUrl,
      fields,
    );
    return { failure, interval, complete, incomplete, peers };
  }
  const answer = await to.udp.ask(udpAnnounce(to.connectionId, fields));
  const [action, transaction, interval, incomplete, complete] = [0, 4, 8, 12, 16].map((at) =>
    answer.readUInt32BE(at),
  );
  const peers = readPeers(answer.subarray(20));
  return { action, transaction, interval, incomplete, complete, peers };
}

const steps = fc.array(
  fc.record<Step>({
    peer: fc.nat({ max: 9 }),
    event: fc.constantFrom('started', '', 'completed', 'stopped'),
    over: fc.constantFrom('http', 'udp'),
    numwant: fc.constantFrom(undefined, 0, 20, 500),
  }),
  { minLength: 1, maxLength: 30 },
);

let torrents = 0;

test('whatever peers announce, one after another, both answer alike', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      torrents += 1;
      const infoHash = torrents.toString(16).padStart(40, 'f');
      /** Nothing is left to them. */
      const done = new Set<number>();
      for (const { peer, event, over, numwant } of sequence) {
        if (event === 'completed') done.add(peer);
        const fields = {
          infoHash,
          event,
          left: done.has(peer) ? 0 : 1,
          port: 7001 + peer,
          peerId: (10 + peer).toString().repeat(20),
          ...(numwant === undefined ? {} : { numwant }),
        };
        const [a, b] = await Promise.all([
          announce(ours, over, fields),
          announce(reference, over, fields),
        ]);
        const others = b.peers.filter((address) => address !== `127.0.0.1:${fields.port}`);
        expect(a).toEqual({ ...b, peers: event === 'stopped' ? [] : others });
        if (event === 'stopped') done.delete(peer);
      }
      const [a, b] = await Promise.all(
        [ours, reference].map(({ udp, connectionId }) =>
          udp.ask(udpScrape(connectionId, [infoHash, 'ab'.repeat(20)])),
        ),
      );
      const counts = [8, 16, 20, 28];
      expect(counts.map((at) => a?.readUInt32BE(at))).toEqual(
        counts.map((at) => b?.readUInt32BE(at)),
      );
    }),
    { numRuns: 30 },
  );
});

const hash = percentEncoded('ab'.repeat(20));
const peerId = percentEncoded('cd'.repeat(20));

test.each([
  ['no query', ''],
  ['no info hash', `?peer_id=${peerId}&port=1`],
  ['an info hash that is too short', `?info_hash=ab&peer_id=${peerId}&port=1`],
  ['two info hashes', `?info_hash=${hash}&info_hash=${hash}&peer_id=${peerId}&port=1`],
  ['no peer id', `?info_hash=${hash}&port=1`],
  ['no port', `?info_hash=${hash}&peer_id=${peerId}`],
  ['a port of 0', `?info_hash=${hash}&peer_id=${peerId}&port=0`],
  ['two ports', `?info_hash=${hash}&peer_id=${peerId}&port=1&port=2`],
  ['a port that is none', `?info_hash=${hash}&peer_id=${peerId}&port=65536`],
])('both refuse an announce with %s for the same reason', async (_, query) => {
  const [a, b] = await Promise.all(
    [ours, reference].map(async ({ announceUrl }) => (await fetch(announceUrl + query)).text()),
  );
  expect(a).toBe(b);
});
