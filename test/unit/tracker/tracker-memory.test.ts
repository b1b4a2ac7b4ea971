// What the tracker says that its peers take, beside what the process takes for them; and what it costs to forget them.
import { afterEach, expect, test, vi } from 'vitest';
import { peerBytes, swarmBytes } from '../../../src/tracker/swarms/records/layout.js';
import { PeerGroups } from '../../../src/tracker/swarms/records/peer-groups.js';
import { PeerRecords } from '../../../src/tracker/swarms/records/peer-records.js';
import { Swarms } from '../../../src/tracker/swarms/swarms.js';
import { collectGarbage } from '../../support/processes/collect-garbage.mjs';
import { answerOf, hashBytes, trackedAnnounce } from '../../support/trackers/tracked-announce.js';

afterEach(() => void vi.restoreAllMocks());

const none = Number.POSITIVE_INFINITY;
const limits = { memoryBytes: none, peersPerSwarm: none, peersPerAddress: none };

/** IPv4 and IPv6 in turns, each of an address of its own. */
function ipOf(number: number): string {
  const [high, low] = [Math.floor(number / 256), number % 256];
  if (number % 2 === 0) return `10.${Math.floor(high / 256)}.${high % 256}.${low}`;
  return `2001:db8:${high.toString(16)}:${low.toString(16)}::1`;
}

function hashOf(number: number): string {
  return number.toString(16).padStart(40, '0');
}

function fill(swarms: Swarms, peers: number, torrents: number): void {
  for (let each = 0; each < peers; each += 1) {
    const infoHash = hashOf(each % torrents);
    const announce = { ip: ipOf(each), infoHash, peerId: `peer ${each}`, numWant: 0 };
    swarms.announce(trackedAnnounce(announce), each);
  }
}

function memoryBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('a peer takes 150 bytes at most, and its swarm as much, by the tracker’s own account', () => {
  expect([peerBytes, swarmBytes].every((bytes) => bytes <= 150)).toBe(true);
});

test('what the tracker says that peers take, in one torrent or in many, they take of the process, and little more', () => {
  const before = memoryBytes();
  const all = [1, 8_000].map((torrents) => {
    const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits });
    fill(swarms, 8_000, torrents);
    expect([swarms.peers, swarms.size]).toEqual([8_000, torrents]);
    expect(swarms.bytes).toBe(8_000 * peerBytes + torrents * swarmBytes);
    return swarms;
  });
  const taken = memoryBytes() - before;
  const told = all.reduce((sum, { bytes }) => sum + bytes, 0);
  // Blocks of memory grow by a half; counters and keys are half a megabyte of each.
  expect(taken).toBeLessThan(1.6 * told + 2 * 2 ** 20);
});

test('to forget those that fell silent costs a look at each of them, and at none of the others', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits });
  fill(swarms, 2_000, 50);
  const looks = vi.spyOn(PeerRecords.prototype, 'isSilent');
  expect(swarms.expire(1_100)).toBe(true);
  expect([swarms.peers, looks.mock.calls.length]).toEqual([1_900, 101]);
  expect(swarms.expire(3_100, 1_000)).toBe(false);
  expect(swarms.peers).toBe(900);
});

test('of a swarm of thousands those who ask are told of fifty, of each family in its turn', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits });
  fill(swarms, 3_000, 1);
  const asking = { infoHash: hashOf(0), ip: '203.0.113.1' };
  const looks = vi.spyOn(PeerGroups.prototype, 'at');
  for (const [addressBytes, lengths] of [
    [6, [6]],
    [18, [18]],
    [undefined, [6, 18]],
  ] as const) {
    const answer = answerOf(swarms.announce(trackedAnnounce({ ...asking, addressBytes }), 0));
    const peers = answer.refusal === undefined ? answer.peers : [];
    expect(new Set(peers).size).toBe(50);
    expect(looks.mock.calls.length).toBeLessThanOrEqual(51);
    looks.mockClear();
    expect([...new Set(peers.map(({ length }) => length))].sort((a, b) => a - b)).toEqual(lengths);
  }
});

test('where there is no room, a large swarm makes it itself, and a small one does not go for it', () => {
  const small = { memoryBytes: 1_000 * peerBytes + 2 * swarmBytes, peersOfLargeSwarm: 100 };
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1e9, limits: { ...limits, ...small } });
  fill(swarms, 1_500, 1);
  const alone = trackedAnnounce({ infoHash: hashOf(1), ip: '192.0.2.1' });
  swarms.announce(alone, 1_500);
  fill(swarms, 2_500, 1);
  expect(swarms.scrape(hashBytes(hashOf(1))).incomplete).toBe(1);
  expect(swarms.bytes).toBeLessThanOrEqual(small.memoryBytes);
  expect(swarms.peers).toBeGreaterThan(990);
});

test('who says that it is everybody is told of nobody, after a look at few', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits });
  fill(swarms, 2_000, 1);
  const everybody = { infoHash: hashOf(0), peerId: 'everybody' };
  for (let each = 0; each < 2_000; each += 1) {
    swarms.announce(trackedAnnounce({ ...everybody, ip: ipOf(each), numWant: 0 }), 0);
  }
  const looks = vi.spyOn(PeerGroups.prototype, 'at');
  const answer = answerOf(swarms.announce(trackedAnnounce({ ...everybody, ip: ipOf(0) }), 0));
  expect(answer).toMatchObject({ peers: [] });
  expect(looks.mock.calls.length).toBeLessThan(200);
});
