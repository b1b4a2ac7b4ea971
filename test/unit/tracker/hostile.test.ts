// Nothing that anyone sends may stop the tracker: after each of these it still serves an honest peer.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracker, type Tracker } from '../../../src/tracker/start-tracker.js';
import {
  announceQuery,
  connectPacket,
  getAnnounce,
  getBencoded,
  infoHash,
  peerId,
  percentEncoded,
  readAnswer,
  sendRaw,
  UdpPeer,
  udpAnnounce,
  udpScrape,
} from '../../support/trackers/tracker-requests.js';

const required = `info_hash=${percentEncoded(infoHash)}&peer_id=${percentEncoded(peerId)}`;

let tracker: Tracker;
beforeAll(async () => {
  const options = { host: '127.0.0.1', listen: '127.0.0.1', port: { asked: 0 } };
  tracker = await startTracker({ ...options, admit: 'any', requestMs: 200 });
});
afterAll(() => tracker.close());

async function expectServing(): Promise<void> {
  const honest = { infoHash: 'ef'.repeat(20), left: 0 };
  expect(await getAnnounce(tracker.announceUrl, honest)).toMatchObject({ complete: 1 });
}

test.each([
  ['no query', ''],
  ['an empty query', '?'],
  ['nothing but separators', '?&&==&=&?'],
  ['an info hash that is too short', `?info_hash=abc&peer_id=${percentEncoded(peerId)}&port=1`],
  ['an info hash that comes twice', `?info_hash=${percentEncoded(infoHash)}&${required}&port=1`],
  ['a peer id that comes twice', `?${required}&peer_id=x&port=1`],
  ['no port', `?${required}`],
  ['a port that comes twice', `?${required}&port=1&port=2`],
  ['a port beyond the last', `?${required}&port=65536`],
  ['a negative port', `?${required}&port=-1`],
  ['half a port', `?${required}&port=80.5`],
  ['percent garbage', `?${required.replaceAll('%', '%%')}&port=1&left=%`],
  ['characters that are no bytes', `?info_hash=${'%u1234'.repeat(20)}&port=1`],
])('an announce with %s is refused', async (_, query) => {
  const { failure } = readAnswer(await getBencoded(`${tracker.announceUrl}${query}`));
  expect(failure).toEqual(expect.any(String));
  await expectServing();
});

test.each([
  ['a negative numwant', 'numwant=-5'],
  ['a huge numwant', 'numwant=1e300'],
  ['a numwant that is no number', 'numwant=many'],
  ['a numwant that comes twice', 'numwant=1&numwant=2'],
  ['no sense in `left`', 'left=much'],
  ['an unknown event', 'event=__proto__'],
  ['an event that comes twice', 'event=started&event=stopped'],
  ['an unknown compact form', 'compact=2'],
  ['parameters named as internals are', 'socket=x&type=ws&action=2&addr=1&httpRes=1&headers=1'],
  ['an address that is none', 'ip=1.2.3'],
  ['two addresses', 'ip=198.51.100.1&ip=198.51.100.2'],
  ['an address with a zone', 'ip=fe80::1%25eth0'],
  ['an odd address', 'ip=::1.2.3.4'],
])('an announce with %s is served, and so are those after it', async (_, parameters) => {
  const url = `${tracker.announceUrl}?${required}&port=7001&${parameters}`;
  for (const event of ['', '&event=stopped']) {
    expect(readAnswer(await getBencoded(url + event)).failure).toBeUndefined();
    await expectServing();
  }
});

test('no more peers are told than fit a UDP packet of 512 bytes', async () => {
  const swarm = 'ab'.repeat(20);
  for (let port = 1; port <= 100; port += 1) {
    await getAnnounce(tracker.announceUrl, { infoHash: swarm, port, peerId: '0a'.repeat(20) });
  }
  const { peers } = await getAnnounce(tracker.announceUrl, { infoHash: swarm, numwant: 100 });
  expect(peers).toHaveLength(82);
});

test.each([
  [
    'another method',
    `POST /announce?${announceQuery()} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    '405',
  ],
  [
    'another path',
    'GET /etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    '404',
  ],
  ['a huge URL', `GET /announce?${'a'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, '431'],
  ['what is no HTTP', '\x13BitTorrent protocol\0\0\0\0', '400'],
  [
    'an upgrade',
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    '404',
  ],
])('%s gets an error status', async (_, text, status) => {
  expect((await sendRaw(tracker.port, text)).slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  await expectServing();
});

test('CONNECT is cut', async () => {
  expect(await sendRaw(tracker.port, 'CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe('');
  await expectServing();
});

test.each([
  ['begins no request', ''],
  ['never ends its request', 'GET /announce?info_hash='],
  ['never ends its headers', `GET /announce?${announceQuery()} HTTP/1.1\r\nHost: localhost\r\nX: `],
  [
    'never sends the body it speaks of',
    `GET /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n`,
  ],
])('a client that %s is cut off', async (_, text) => {
  await sendRaw(tracker.port, text);
  await expectServing();
});

test.each([
  ['its headers', 'GET /announce HTTP/1.1\r\nX: '],
  ['its body', 'GET /announce HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n'],
])('a client that sends %s drop by drop is cut off', { timeout: 5_000 }, async (_, text) => {
  const socket = connect(tracker.port, '127.0.0.1').resume();
  socket.on('error', () => {});
  socket.write(text);
  const dripping = setInterval(() => socket.write('x'), 50);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dripping);
  await expectServing();
});

test('a client that asks on and on and never reads the answers is cut off', async () => {
  const socket = connect(tracker.port, '127.0.0.1');
  socket.on('error', () => {});
  const request = 'GET /announce HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const asking = setInterval(() => {
    if (socket.writableLength < 1_000_000) socket.write(request.repeat(1_000));
  });
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(asking);
  await expectServing();
});

test('a client that goes away in the middle of a request does no harm', async () => {
  const socket = connect(tracker.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET /announce?${announceQuery()} HTTP/1.1\r\nHost: localhost\r\n\r\n`, () => {
    socket.resetAndDestroy();
  });
  await new Promise((resolve) => socket.once('close', resolve));
  await expectServing();
});

test.each([
  ['that is too short', 'info_hash=abc'],
  ['that is named twice, once wrong', `info_hash=${percentEncoded(infoHash)}&info_hash=%ff`],
])('an HTTP scrape of an info hash %s is refused', async (_, query) => {
  const answer = await getBencoded(`http://127.0.0.1:${tracker.port}/scrape?${query}`);
  expect(readAnswer(answer).failure).toBe('an info hash must be 20 bytes');
  await expectServing();
});

test('datagrams of any length and content do no harm', async () => {
  const [peer, honest] = [new UdpPeer(tracker.port), new UdpPeer(tracker.port)];
  const id = await peer.connect();
  const announce = udpAnnounce(id);
  const scrape = udpScrape(id, [infoHash]);
  for (let bytes = 0; bytes <= 120; bytes += 1) {
    await peer.send(announce.subarray(0, Math.min(bytes, 97)));
    await peer.send(scrape.subarray(0, Math.min(bytes, 35)));
    await peer.send(connectPacket.subarray(0, Math.min(bytes, 15)));
    await peer.send(Buffer.concat([id, Buffer.alloc(bytes, 0xff)]));
    await peer.send(Buffer.alloc(bytes, bytes));
    expect(await honest.connect()).toEqual(id);
  }
  await peer.send(Buffer.alloc(60_000, 0xff));
  expect((await honest.ask(announce)).readUInt32BE(0)).toBe(1);
  peer.close();
  honest.close();
  await expectServing();
});

test('a UDP announce may ask for what makes no sense, and for more peers than there are', async () => {
  const peer = new UdpPeer(tracker.port);
  const packet = udpAnnounce(await peer.connect(), { numwant: 0xffffffff });
  packet.fill(0xff, 56, 80);
  expect((await peer.ask(packet)).readUInt32BE(0)).toBe(1);
  peer.close();
});
