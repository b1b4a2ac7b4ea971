// What the tracker makes of peers on other machines, which loopback cannot show.
import { createSocket, type RemoteInfo } from 'node:dgram';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { decodeBencode } from '../../../src/metainfo/bencode.js';
import { Swarms } from '../../../src/tracker/swarms.js';
import { TrackerServer } from '../../../src/tracker/tracker-server.js';
import {
  type AnnounceFields,
  type Answer,
  announceQuery,
  asDictionary,
  connectPacket,
  infoHash,
  otherPeerId,
  readAnswer,
  readPeers,
  udpAnnounce,
  udpScrape,
} from '../../support/tracker-requests.js';

const elsewhere = '203.0.113.9';
const observer = { port: 7099, peerId: otherPeerId };
const udp = createSocket('udp4');
const sent: Buffer[] = [];
vi.spyOn(udp, 'send').mockImplementation((packet: unknown) => {
  if (Buffer.isBuffer(packet)) sent.push(packet);
});
afterEach(() => {
  sent.length = 0;
});

function serverOf(admit: 'registered' | 'any') {
  const swarms = new Swarms({ admit, peerTtlMs: 1_000 });
  const server = new TrackerServer(swarms, 45_000, () => 0);
  server.answerThrough(udp);
  return { swarms, server };
}

function httpAnnounce(server: TrackerServer, from: string, fields?: AnnounceFields): Answer {
  const socket = new Socket();
  vi.spyOn(socket, 'remoteAddress', 'get').mockReturnValue(from);
  const request = new IncomingMessage(socket);
  request.method = 'GET';
  request.url = `/announce?${announceQuery(fields)}`;
  const response = new ServerResponse(request);
  const end = vi.spyOn(response, 'end');
  server.onHttpRequest(request, response);
  const body: unknown = end.mock.calls[0]?.[0];
  if (!(body instanceof Uint8Array)) throw new Error('no answer');
  return readAnswer(asDictionary(decodeBencode(body)));
}

function senderAt(address: string): RemoteInfo {
  return { address, family: 'IPv4', port: 40_000, size: 0 };
}

function udpAsk(server: TrackerServer, from: string, packet: Buffer): Buffer | undefined {
  server.onUdpRequest(packet, senderAt(from));
  return sent.pop();
}

function connectionId(server: TrackerServer, from: string): Buffer {
  const answer = udpAsk(server, from, connectPacket);
  if (!answer) throw new Error('no answer');
  return answer.subarray(8);
}

test('an `ip` parameter from another machine is ignored', () => {
  const { server } = serverOf('any');
  httpAnnounce(server, elsewhere, { ip: '198.51.100.4' });
  expect(httpAnnounce(server, '203.0.113.10', observer).peers).toEqual([`${elsewhere}:7001`]);
});

test('an `ip` field from another machine is ignored', () => {
  const { server } = serverOf('any');
  const id = connectionId(server, elsewhere);
  udpAsk(server, elsewhere, udpAnnounce(id, { ipField: '198.51.100.4' }));
  const answer = udpAsk(server, elsewhere, udpAnnounce(id, observer));
  expect(readPeers(Buffer.from(answer?.subarray(20) ?? []))).toEqual([`${elsewhere}:7001`]);
});

test('an IPv4 peer seen through an IPv6 socket is told of as IPv4', () => {
  const { server } = serverOf('any');
  httpAnnounce(server, `::ffff:${elsewhere}`);
  expect(httpAnnounce(server, '127.0.0.1', observer).peers).toEqual([`${elsewhere}:7001`]);
});

test('a peer elsewhere is refused a torrent that is not registered, over HTTP and over UDP', () => {
  const { server, swarms } = serverOf('registered');
  const reason = 'this tracker does not track this torrent';
  expect(httpAnnounce(server, elsewhere).failure).toBe(reason);
  const answer = udpAsk(server, elsewhere, udpAnnounce(connectionId(server, elsewhere)));
  expect(answer?.readUInt32BE(0)).toBe(3);
  expect(answer?.subarray(8).toString()).toBe(reason);
  expect(swarms.size).toBe(0);
});

test('a peer elsewhere is served a registered torrent, and one that is announced from here', () => {
  const { server, swarms } = serverOf('registered');
  swarms.register(infoHash);
  expect(httpAnnounce(server, elsewhere)).toMatchObject({ failure: undefined, incomplete: 1 });
  const announcedHere = 'cd'.repeat(20);
  httpAnnounce(server, '127.0.0.1', { infoHash: announcedHere });
  expect(httpAnnounce(server, elsewhere, { ...observer, infoHash: announcedHere }).peers).toEqual([
    '127.0.0.1:7001',
  ]);
});

test('a UDP request without the connection id of its address is not answered', () => {
  const { server, swarms } = serverOf('any');
  const stolen = connectionId(server, '203.0.113.10');
  const wellKnown = connectPacket.subarray(0, 8);
  for (const id of [stolen, wellKnown, Buffer.alloc(8)]) {
    expect(udpAsk(server, elsewhere, udpAnnounce(id))).toBeUndefined();
    expect(udpAsk(server, elsewhere, udpScrape(id, [infoHash]))).toBeUndefined();
  }
  expect(swarms.size).toBe(0);
});

test('the answer to a stranger’s connect is no longer than the request', () => {
  const { server } = serverOf('any');
  expect(udpAsk(server, elsewhere, connectPacket)).toHaveLength(connectPacket.length);
});

test('a UDP request for more torrents than BEP 15 allows is not answered', () => {
  const { server } = serverOf('any');
  const id = connectionId(server, elsewhere);
  const many = Array.from({ length: 75 }, () => infoHash);
  expect(udpAsk(server, elsewhere, udpScrape(id, many))).toBeUndefined();
  expect(udpAsk(server, elsewhere, udpScrape(id, many.slice(1)))).toHaveLength(8 + 74 * 12);
});

test('datagrams of any length do no harm, and none of them is an announce', () => {
  const { server, swarms } = serverOf('any');
  const id = connectionId(server, elsewhere);
  const packets = [
    connectPacket,
    udpAnnounce(id),
    udpScrape(id, [infoHash]),
    Buffer.alloc(200, 0xff),
  ];
  for (const packet of packets) {
    for (let bytes = 0; bytes < packet.length; bytes += 1) {
      udpAsk(server, elsewhere, packet.subarray(0, bytes));
    }
  }
  expect(swarms.size).toBe(0);
});

test('a datagram from port 0, which cannot be answered, does no harm', () => {
  const { server } = serverOf('any');
  server.onUdpRequest(connectPacket, { ...senderAt(elsewhere), port: 0 });
  expect(sent).toEqual([]);
});
