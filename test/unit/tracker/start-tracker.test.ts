import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import Client from 'bittorrent-tracker';
import { afterEach, expect, test, vi } from 'vitest';
import {
  startTracker,
  type Tracker,
  type TrackerOptions,
} from '../../../src/tracker/start-tracker.js';
import {
  asDictionary,
  getAnnounce,
  getBencoded,
  infoHash,
  otherHash,
  otherPeerId,
  peerId,
  percentEncoded,
  readPeers,
  UdpPeer,
  udpAnnounce,
  udpScrape,
} from '../../support/trackers/tracker-requests.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Partial<TrackerOptions> = {}): Promise<Tracker> {
  const tracker = await startTracker({
    host: '127.0.0.1',
    listen: '127.0.0.1',
    port: { asked: 0 },
    admit: 'any',
    ...options,
  });
  cleanups.push(() => tracker.close());
  return tracker;
}

function udpPeer({ port }: Tracker, host?: string): UdpPeer {
  const peer = new UdpPeer(port, host);
  cleanups.push(() => peer.close());
  return peer;
}

function scrapeUrl(tracker: Tracker, ...infoHashes: readonly string[]): string {
  const query = infoHashes.map((hash) => `info_hash=${percentEncoded(hash)}`).join('&');
  return `http://127.0.0.1:${tracker.port}/scrape?${query}`;
}

test('the announce URLs carry the host and the port that was opened', async () => {
  const tracker = await start({ host: '198.51.100.4' });
  expect(tracker.announceUrl).toBe(`http://198.51.100.4:${tracker.port}/announce`);
  expect(tracker.udpAnnounceUrl).toBe(`udp://198.51.100.4:${tracker.port}/announce`);
});

test('peers find each other over HTTP', async () => {
  const { announceUrl } = await start();
  const first = await getAnnounce(announceUrl, { event: 'started', left: 0 });
  expect(first).toMatchObject({ complete: 1, incomplete: 0, peers: [] });
  const second = await getAnnounce(announceUrl, { peerId: otherPeerId, port: 7002 });
  expect(second).toMatchObject({ complete: 1, incomplete: 1, peers: ['127.0.0.1:7001'] });
});

test('the helper announces without a socket as it would over HTTP, and to none that is closed', async () => {
  const tracker = await start({ admit: 'registered', host: '198.51.100.4' });
  tracker.register(infoHash);
  const own = {
    ...{ infoHash, peerId, port: 7001, ip: '198.51.100.4', isComplete: true, numWant: 80 },
  };
  const asked = { intervalMs: 45_000, minIntervalMs: 15_000 };
  const started = tracker.announce({ ...own, event: 'started' }, '127.0.0.1');
  expect(started).toEqual({ ...asked, seeders: 1, leechers: 0, ipv4Peers: '', ipv6Peers: '' });
  const other = { peerId: otherPeerId, port: 7002 };
  const url = `http://127.0.0.1:${tracker.port}/announce`;
  expect(await getAnnounce(url, other)).toMatchObject({
    ...{ complete: 1, incomplete: 1, peers: ['198.51.100.4:7001'] },
  });
  expect(tracker.announce(own, '127.0.0.1')).toMatchObject({
    ...{ leechers: 1, ipv4Peers: Buffer.of(127, 0, 0, 1, 27, 90).toString('latin1') },
  });
  tracker.announce({ ...own, event: 'stopped' }, '127.0.0.1');
  expect(await getAnnounce(url, other)).toMatchObject({ complete: 0, peers: [] });
  await tracker.close();
  expect(tracker.announce(own, '127.0.0.1')).toBeUndefined();
});

test('what is not registered is refused to a helper elsewhere, without a socket as over HTTP', async () => {
  const tracker = await start({ admit: 'registered' });
  const own = { infoHash, peerId, port: 7001, isComplete: true, numWant: 80 };
  expect(tracker.announce(own, '198.51.100.7')).toEqual({ refusal: expect.any(String) });
});

test('peers are asked to announce again within a minute, in seconds', async () => {
  const { announceUrl } = await start();
  const { interval, minInterval } = await getAnnounce(announceUrl);
  expect([interval, minInterval]).toEqual([45, 15]);
});

test('peers find each other over UDP, and are told the interval in seconds', async () => {
  const tracker = await start();
  const peer = udpPeer(tracker);
  const id = await peer.connect();
  await peer.ask(udpAnnounce(id, { event: 'started', left: 0 }));
  const answer = await peer.ask(udpAnnounce(id, { peerId: otherPeerId, port: 7002 }));
  expect(answer.subarray(0, 8).toString('hex')).toBe('00000001aabbccdd');
  const [interval, incomplete, complete] = [8, 12, 16].map((at) => answer.readUInt32BE(at));
  expect({ interval, incomplete, complete }).toEqual({ interval: 45, incomplete: 1, complete: 1 });
  expect(readPeers(answer.subarray(20))).toEqual(['127.0.0.1:7001']);
});

test('a peer that announces over HTTP and over UDP is one peer', async () => {
  const tracker = await start();
  const peer = udpPeer(tracker);
  await peer.ask(udpAnnounce(await peer.connect()));
  expect(await getAnnounce(tracker.announceUrl)).toMatchObject({ incomplete: 1, peers: [] });
});

test('peers are told in the compact form even to a client that did not ask for it', async () => {
  const { announceUrl } = await start();
  await getAnnounce(announceUrl, { port: 7001 });
  const query = `info_hash=${percentEncoded(infoHash)}&peer_id=${percentEncoded(otherPeerId)}`;
  const answer = await getBencoded(`${announceUrl}?${query}&port=7002&left=1&compact=0`);
  expect(answer.get('peers')).toEqual(new Uint8Array([127, 0, 0, 1, 7001 >> 8, 7001 & 255]));
});

test.each(['http', 'udp'])(
  'the reference client announces, scrapes and stops over %s',
  async (protocol) => {
    const tracker = await start();
    await getAnnounce(tracker.announceUrl, { peerId: otherPeerId, port: 7009, left: 0 });
    const announce = protocol === 'http' ? tracker.announceUrl : tracker.udpAnnounceUrl;
    const client = new Client({ infoHash, peerId, port: 7001, announce });
    const warnings: string[] = [];
    client.on('warning', (warning) => warnings.push(warning.message));
    client.on('error', (error) => warnings.push(error.message));
    cleanups.push(() => new Promise<void>((done) => client.destroy(done)));

    const [peer] = [once(client, 'peer'), client.start({ left: 5 })];
    expect(await peer).toEqual(['127.0.0.1:7009']);
    const [completed] = [once(client, 'update'), client.complete({ left: 0 })];
    expect(await completed).toMatchObject([{ complete: 2, incomplete: 0 }]);
    const [scraped] = [once(client, 'scrape'), client.scrape()];
    expect(await scraped).toMatchObject([{ complete: 2, incomplete: 0, downloaded: 1 }]);
    const [stopped] = [once(client, 'update'), client.stop({ left: 0 })];
    expect(await stopped).toMatchObject([{ complete: 1, incomplete: 0 }]);
    expect(warnings).toEqual([]);
  },
);

test('a scrape over HTTP answers for every info hash, whatever its bytes, in the order of their bytes', async () => {
  const tracker = await start();
  const high = 'ff'.repeat(20);
  await getAnnounce(tracker.announceUrl, { left: 0 });
  await getAnnounce(tracker.announceUrl, { infoHash: otherHash });
  const answer = await getBencoded(scrapeUrl(tracker, high, infoHash, otherHash));
  const counts = asDictionary(answer.get('files')).entries.map(({ key, value }) => [
    Buffer.from(key, 'latin1').toString('hex'),
    asDictionary(value).get('complete'),
    asDictionary(value).get('incomplete'),
  ]);
  expect(counts).toEqual([
    [otherHash, 0, 1],
    [infoHash, 1, 0],
    [high, 0, 0],
  ]);
});

test('a scrape over UDP answers in the order asked, repetitions too', async () => {
  const tracker = await start();
  const peer = udpPeer(tracker);
  const id = await peer.connect();
  await peer.ask(udpAnnounce(id, { left: 0 }));
  await peer.ask(udpAnnounce(id, { infoHash: otherHash, event: 'started' }));
  const answer = await peer.ask(udpScrape(id, [infoHash, otherHash, infoHash]));
  expect(answer.toString('hex')).toBe(
    ['00000002aabbccdd', '000000010000000000000000', '000000000000000000000001'].join('') +
      '000000010000000000000000',
  );
});

test('a scrape of everything is refused', async () => {
  const tracker = await start();
  await getAnnounce(tracker.announceUrl);
  const answer = await getBencoded(`http://127.0.0.1:${tracker.port}/scrape`);
  expect(answer.get('failure reason')).toEqual(
    new Uint8Array(Buffer.from('a scrape must name its torrents')),
  );
  expect(answer.get('files')).toBeUndefined();
});

test('there are no statistics for strangers', async () => {
  const tracker = await start();
  const { status } = await fetch(`http://127.0.0.1:${tracker.port}/stats`);
  expect(status).toBe(404);
});

test('a leecher that comes back on the same address with something left is a leecher', async () => {
  const { announceUrl } = await start();
  await getAnnounce(announceUrl, { event: 'completed', left: 0 });
  const answer = await getAnnounce(announceUrl, { event: 'started', left: 9 });
  expect(answer).toMatchObject({ complete: 0, incomplete: 1 });
});

test('a peer on this machine may name the address others reach it by, over HTTP and over UDP', async () => {
  const tracker = await start();
  await getAnnounce(tracker.announceUrl, { ip: '198.51.100.4' });
  const peer = udpPeer(tracker);
  await peer.ask(
    udpAnnounce(await peer.connect(), { ipField: '198.51.100.5', peerId: otherPeerId }),
  );
  const { peers } = await getAnnounce(tracker.announceUrl, { port: 7009, peerId: 'ab'.repeat(20) });
  expect(peers).toEqual(['198.51.100.4:7001', '198.51.100.5:7001']);
});

test('a name instead of an address is not looked up', async () => {
  const tracker = await start();
  await getAnnounce(tracker.announceUrl, { ip: 'localhost' });
  const { peers } = await getAnnounce(tracker.announceUrl, { port: 7009, peerId: otherPeerId });
  expect(peers).toEqual(['127.0.0.1:7001']);
});

test('a torrent announced from this machine is tracked though nobody registered it', async () => {
  const tracker = await start({ admit: 'registered' });
  expect(await getAnnounce(tracker.announceUrl)).toMatchObject({ incomplete: 1 });
  const peer = udpPeer(tracker);
  const packet = udpAnnounce(await peer.connect(), {
    infoHash: otherHash,
    ipField: '198.51.100.5',
  });
  expect((await peer.ask(packet)).readUInt32BE(0)).toBe(1);
});

const hasIPv6 = Object.values(networkInterfaces()).some((assigned) =>
  assigned?.some(({ address }) => address === '::1'),
);

test.skipIf(!hasIPv6)('IPv6 peers find each other over HTTP and over UDP', async () => {
  const tracker = await start({ host: '::1', listen: '::1' });
  await getAnnounce(tracker.announceUrl);
  const address = Buffer.from(`${'00'.repeat(15)}01${(7001).toString(16)}`, 'hex');
  const other = { peerId: otherPeerId, port: 7002 };
  expect(await getAnnounce(tracker.announceUrl, other)).toMatchObject({
    peers: [],
    peers6: new Uint8Array(address),
  });
  const peer = udpPeer(tracker, '::1');
  const answer = await peer.ask(udpAnnounce(await peer.connect(), { ...other, peerId }));
  expect(answer.length).toBe(20);
  const third = udpAnnounce(await peer.connect(), {
    port: 7003,
    peerId: 'ab'.repeat(20),
    numwant: 9,
  });
  expect((await peer.ask(third)).length).toBe(20 + 2 * 18);
});

test.skipIf(!hasIPv6)(
  'listening on all IPv6 addresses, IPv4 peers are served as such',
  async () => {
    const tracker = await start({ listen: '::' });
    await getAnnounce(tracker.announceUrl);
    const peer = udpPeer(tracker);
    const answer = await peer.ask(
      udpAnnounce(await peer.connect(), { peerId: otherPeerId, port: 7002 }),
    );
    expect(readPeers(answer.subarray(20))).toEqual(['127.0.0.1:7001']);
  },
);

test('two trackers run side by side and know nothing of each other', async () => {
  const [one, two] = [await start(), await start()];
  await getAnnounce(one.announceUrl);
  expect(await getAnnounce(two.announceUrl, { port: 7002, peerId: otherPeerId })).toMatchObject({
    incomplete: 1,
    peers: [],
  });
});

test('two trackers that may move on share no port', async () => {
  const one = await start();
  const two = await start({ port: { from: one.port } });
  expect(two.port).not.toBe(one.port);
});

test('a peer that fell silent is forgotten after two of the slowest announces there are, not sooner', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  cleanups.push(() => vi.useRealTimers());
  const { announceUrl } = await start();
  const other = { peerId: otherPeerId, port: 7002 };
  await getAnnounce(announceUrl);
  vi.advanceTimersByTime(10 * 60_000);
  expect(await getAnnounce(announceUrl, other)).toMatchObject({ incomplete: 2 });
  vi.advanceTimersByTime(2 * 60_000);
  expect(await getAnnounce(announceUrl, other)).toMatchObject({ incomplete: 1, peers: [] });
});

test('close cuts connections that are idle or in the middle of a request', async () => {
  const tracker = await start({ requestMs: 120_000 });
  const sockets = ['', 'GET /ann'].map((begun) => {
    const socket = connect(tracker.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(begun);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await getAnnounce(tracker.announceUrl);
  const ended = sockets.map((socket) => once(socket, 'close'));
  await tracker.close();
  await Promise.all(ended);
});

test('close may be called twice, and gives the port back for TCP and UDP', async () => {
  const tracker = await start();
  await Promise.all([tracker.close(), tracker.close()]);
  const next = await start({ port: { asked: tracker.port } });
  expect(next.port).toBe(tracker.port);
});
