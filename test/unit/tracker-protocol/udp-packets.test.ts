import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  announceAnswerPacket,
  announcePacket,
  answersTo,
  connectAnswerPacket,
  connectPacket,
  errorPacket,
  parseUdpAnswer,
  parseUdpRequest,
  scrapeAnswerPacket,
} from '../../../src/tracker-protocol/udp-packets.js';

const connectionId = Buffer.from('0123456789abcdef', 'hex');
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((each) => Buffer.from(each).toString('hex'));
const id = fc.uint8Array({ minLength: 20, maxLength: 20 });

test('a connect request begins with the number of the protocol', () => {
  const packet = connectPacket(0xaabbccdd);
  expect(packet.toString('hex')).toBe('000004172710198000000000aabbccdd');
  expect(parseUdpRequest(packet)).toEqual({ action: 'connect', transactionId: 0xaabbccdd });
  expect(parseUdpRequest(packet.fill(0, 0, 8))).toBeUndefined();
});

test('an announce has the fields of BEP 15 where BEP 15 has them', () => {
  const packet = announcePacket(connectionId, 7, {
    infoHash: '11'.repeat(20),
    peerId: Buffer.alloc(20, 0x22),
    downloadedBytes: 3,
    leftBytes: 4,
    uploadedBytes: 5,
    event: 'stopped',
    ip: '10.1.2.3',
    key: '89abcdef',
    numWant: -1,
    port: 6881,
  });
  const numbers = [3, 4, 5].map((each) => each.toString(16).padStart(16, '0')).join('');
  expect(packet.toString('hex')).toBe(
    `0123456789abcdef0000000100000007${'11'.repeat(20)}${'22'.repeat(20)}${numbers}` +
      '000000030a01020389abcdefffffffff1ae1',
  );
});

test('what a client says in an announce is what the tracker reads, its URL passed over', () => {
  const event = fc.constantFrom(undefined, 'completed', 'started', 'stopped', 'paused');
  const ip = fc.option(
    fc.ipV4().filter((address) => address !== '0.0.0.0'),
    { nil: undefined },
  );
  const bytes = fc.maxSafeNat();
  const announces = fc.record({
    infoHash: hex(20),
    peerId: id,
    event,
    ip,
    key: hex(4),
    port: fc.nat({ max: 65_535 }),
    downloadedBytes: bytes,
    leftBytes: bytes,
    uploadedBytes: bytes,
    numWant: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  });
  fc.assert(
    fc.property(announces, uint32, fc.string(), (announce, transactionId, url) => {
      const packet = announcePacket(connectionId, transactionId, announce, url);
      const request = parseUdpRequest(packet);
      expect(request).toEqual({
        action: 'announce',
        transactionId,
        connectionId,
        announce: { ...announce, peerId: Buffer.from(announce.peerId) },
      });
    }),
  );
});

test('what a tracker answers is what the client reads, and of the same transaction', () => {
  const answers = fc.record({
    intervalSeconds: fc.nat({ max: 2 ** 31 - 1 }),
    leechers: uint32,
    seeders: uint32,
    peers: fc.uint8Array(),
  });
  fc.assert(
    fc.property(answers, uint32, fc.string({ unit: 'grapheme' }), (answer, transaction, reason) => {
      const packets = [
        announceAnswerPacket(transaction, answer),
        connectAnswerPacket(transaction, connectionId),
        errorPacket(transaction, reason),
      ];
      expect(packets.map(parseUdpAnswer)).toEqual([
        { action: 'announce', ...answer, peers: Buffer.from(answer.peers) },
        { action: 'connect', connectionId },
        { action: 'error', reason },
      ]);
      expect(packets.every((packet) => answersTo(packet, transaction))).toBe(true);
      expect(packets.some((packet) => answersTo(packet, (transaction + 1) % 2 ** 32))).toBe(false);
    }),
  );
});

test('a scrape tells seeders, downloads and leechers of each torrent in the order asked', () => {
  const torrents = [
    { seeders: 1, completed: 2, leechers: 3 },
    { seeders: 4, completed: 5, leechers: 6 },
  ];
  expect(scrapeAnswerPacket(7, torrents).toString('hex')).toBe(
    `0000000200000007${[1, 2, 3, 4, 5, 6].map((each) => each.toString().padStart(8, '0')).join('')}`,
  );
});

test('whatever the bytes, reading them throws nothing, and bytes cut off make no request', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 4 }),
      fc.uint8Array({ maxLength: 2_000 }),
      fc.nat(),
      (action, bytes, end) => {
        const packet = Buffer.concat([connectionId, Buffer.of(0, 0, 0, action), bytes]);
        parseUdpRequest(packet.subarray(0, end % (packet.length + 1)));
        parseUdpAnswer(packet.subarray(7));
        parseUdpAnswer(packet.subarray(packet.length - (end % (packet.length + 1))));
        if (action === 1 && packet.length < 98) expect(parseUdpRequest(packet)).toBeUndefined();
      },
    ),
  );
});
