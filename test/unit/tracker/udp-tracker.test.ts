import { expect, test } from 'vitest';
import {
  connectPacket,
  infoHash,
  otherPeerId,
  readPeers,
  udpAnnounce,
  udpScrape,
} from '../../support/trackers/tracker-requests.js';
import { UnconnectedTracker } from '../../support/trackers/unconnected-tracker.js';

const elsewhere = '203.0.113.9';

test('a UDP request without the connection id of its address is not answered', () => {
  const tracker = new UnconnectedTracker('any');
  const stolen = tracker.connect('203.0.113.10');
  const wellKnown = connectPacket.subarray(0, 8);
  for (const id of [stolen, wellKnown, Buffer.alloc(8)]) {
    expect(tracker.udp(elsewhere, udpAnnounce(id))).toBeUndefined();
    expect(tracker.udp(elsewhere, udpScrape(id, [infoHash]))).toBeUndefined();
  }
  expect(tracker.swarms.size).toBe(0);
});

test('the answer to a stranger’s connect is no longer than the request', () => {
  const tracker = new UnconnectedTracker('any');
  expect(tracker.udp(elsewhere, connectPacket)).toHaveLength(connectPacket.length);
});

test('a UDP request for more torrents than BEP 15 allows is not answered', () => {
  const tracker = new UnconnectedTracker('any');
  const id = tracker.connect(elsewhere);
  const many = Array.from({ length: 75 }, () => infoHash);
  expect(tracker.udp(elsewhere, udpScrape(id, many))).toBeUndefined();
  expect(tracker.udp(elsewhere, udpScrape(id, many.slice(1)))).toHaveLength(8 + 74 * 12);
});

test('datagrams of any length do no harm, and none of them is an announce', () => {
  const tracker = new UnconnectedTracker('any');
  const id = tracker.connect(elsewhere);
  const packets = [
    connectPacket,
    udpAnnounce(id),
    udpScrape(id, [infoHash]),
    Buffer.alloc(200, 0xff),
  ];
  for (const packet of packets) {
    for (let bytes = 0; bytes < packet.length; bytes += 1) {
      tracker.udp(elsewhere, packet.subarray(0, bytes));
    }
  }
  expect(tracker.swarms.size).toBe(0);
});

test('a datagram from port 0, which cannot be answered, does no harm', () => {
  const tracker = new UnconnectedTracker('any');
  expect(tracker.udp(elsewhere, connectPacket, 0)).toBeUndefined();
});

test('a peer that names no port is told of under the one that it sends from', () => {
  const tracker = new UnconnectedTracker('any');
  tracker.udp(elsewhere, udpAnnounce(tracker.connect(elsewhere), { port: 0 }));
  const fields = { port: 7099, peerId: otherPeerId };
  const answer = tracker.udp(elsewhere, udpAnnounce(tracker.connect(elsewhere), fields));
  expect(readPeers(Buffer.from(answer?.subarray(20) ?? []))).toEqual([`${elsewhere}:40000`]);
});

test.each([
  ['no number at all', 0, 50],
  ['as many as the tracker likes', 0xffffffff, 82],
  ['five', 5, 5],
  ['a thousand', 1_000, 82],
])('an announce that asks for %s is told of no more peers than may be', (_, numwant, told) => {
  const tracker = new UnconnectedTracker('any');
  const id = tracker.connect(elsewhere);
  for (let host = 1; host <= 100; host += 1) {
    const each = `198.51.100.${host}`;
    tracker.udp(each, udpAnnounce(tracker.connect(each)));
  }
  const asked = udpAnnounce(id, { port: 999, peerId: otherPeerId, numwant });
  expect(tracker.udp(elsewhere, asked)).toHaveLength(20 + told * 6);
});

test.each([
  ['an announce of nothing left, in whatever of its eight bytes,', '0000000000000000', 1],
  ['one of 4 GiB and less', '00000000fffe0000', 0],
  ['one of 4 GiB and more', '0000000100000000', 0],
])('%s is one of a seeder or of a leecher', (_, left, seeders) => {
  const tracker = new UnconnectedTracker('any');
  const packet = udpAnnounce(tracker.connect(elsewhere));
  packet.write(left, 64, 'hex');
  expect(tracker.udp(elsewhere, packet)?.readUInt32BE(16)).toBe(seeders);
});

test('an event that BEP 15 does not know is not answered, one of BEP 21 is', () => {
  const tracker = new UnconnectedTracker('any');
  const answers = [4, 5].map((event) => {
    const packet = udpAnnounce(tracker.connect(elsewhere));
    packet.writeUInt32BE(event, 80);
    return tracker.udp(elsewhere, packet)?.readUInt32BE(0);
  });
  expect(answers).toEqual([1, undefined]);
});
