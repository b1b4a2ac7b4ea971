import { expect, test } from 'vitest';
import { thisMachine } from '../../../src/tracker/senders/sender-key.js';
import { peerBytes, swarmBytes } from '../../../src/tracker/swarms/records/layout.js';
import { Swarms } from '../../../src/tracker/swarms/swarms.js';
import {
  answerOf,
  compactAddress,
  hashBytes,
  trackedAnnounce,
} from '../../support/trackers/tracked-announce.js';
import { infoHash, otherHash } from '../../support/trackers/tracker-requests.js';

const full = { refusal: 'this tracker is full' };
/** Room for so many swarms and peers. */
function roomFor(swarms: number, peers: number) {
  return { memoryBytes: swarms * swarmBytes + peers * peerBytes };
}

function ask(swarms: Swarms, ...announced: Parameters<Swarms['announce']>) {
  return answerOf(swarms.announce(...announced));
}

const unknown = { refusal: 'this tracker does not track this torrent' };

test('a torrent nobody registered is refused, and takes no memory', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  expect(ask(swarms, trackedAnnounce(), 0)).toEqual(unknown);
  expect(swarms.size).toBe(0);
});

test('a registered torrent is tracked', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.register(hashBytes(infoHash));
  ask(swarms, trackedAnnounce({ port: 1 }), 0);
  const outcome = ask(swarms, trackedAnnounce({ port: 2 }), 0);
  expect(outcome).toMatchObject({ incomplete: 2, peers: [compactAddress('192.0.2.1', 1)] });
});

test('a torrent that is no longer registered is forgotten with its last peer', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.register(hashBytes(infoHash));
  ask(swarms, trackedAnnounce({ port: 1 }), 0);
  swarms.unregister(hashBytes(infoHash));
  expect(ask(swarms, trackedAnnounce({ port: 2 }), 500)).toMatchObject({
    peers: [compactAddress('192.0.2.1', 1)],
  });
  ask(swarms, trackedAnnounce({ port: 1, event: 'stopped' }), 500);
  swarms.expire(1_501);
  expect(swarms.size).toBe(0);
  expect(ask(swarms, trackedAnnounce(), 0)).toEqual(unknown);
});

test('a torrent that is registered twice is tracked until both are taken back', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.register(hashBytes(infoHash));
  swarms.register(hashBytes(infoHash));
  swarms.unregister(hashBytes(infoHash));
  expect(ask(swarms, trackedAnnounce({ event: 'stopped' }), 0)).toMatchObject({ peers: [] });
  swarms.unregister(hashBytes(infoHash));
  swarms.unregister(hashBytes(infoHash));
  expect(ask(swarms, trackedAnnounce(), 0)).toEqual(unknown);
});

test('a year of torrents that come and go leaves nothing', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  for (let day = 0; day < 10_000; day += 1) {
    const each = day.toString(16).padStart(40, '0');
    swarms.register(hashBytes(each));
    ask(swarms, trackedAnnounce({ infoHash: each, port: 1 }), day);
    swarms.unregister(hashBytes(each));
    swarms.expire(day);
  }
  expect(swarms.size).toBeLessThanOrEqual(1_001);
  swarms.expire(20_000);
  expect(swarms.size).toBe(0);
});

test('a torrent announced from this machine is tracked for as long as it has peers', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  const own = { senderKey: thisMachine, port: 1 };
  ask(swarms, trackedAnnounce(own), 0);
  expect(ask(swarms, trackedAnnounce(), 0)).toMatchObject({ incomplete: 2 });
  for (const each of [own, {}]) {
    ask(swarms, trackedAnnounce({ ...each, event: 'stopped' }), 0);
  }
  expect(ask(swarms, trackedAnnounce(), 0)).toEqual(unknown);
});

test('a swarm is freed when its last peer stops', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  ask(swarms, trackedAnnounce({ port: 1 }), 0);
  ask(swarms, trackedAnnounce({ port: 2 }), 0);
  ask(swarms, trackedAnnounce({ port: 1, event: 'stopped' }), 0);
  expect(swarms.size).toBe(1);
  ask(swarms, trackedAnnounce({ port: 2, event: 'stopped' }), 0);
  expect(swarms.size).toBe(0);
});

test('a peer that stops is told of no others', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  ask(swarms, trackedAnnounce({ port: 1 }), 0);
  expect(ask(swarms, trackedAnnounce({ port: 2, event: 'stopped' }), 0)).toMatchObject({
    peers: [],
  });
});

test('silent peers drop out after their time, and so do their swarms', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  ask(swarms, trackedAnnounce({ port: 1 }), 0);
  ask(swarms, trackedAnnounce({ port: 2 }), 500);
  swarms.expire(1_000);
  expect(swarms.scrape(hashBytes(infoHash)).incomplete).toBe(2);
  swarms.expire(1_001);
  expect(swarms.scrape(hashBytes(infoHash)).incomplete).toBe(1);
  swarms.expire(1_501);
  expect(swarms.size).toBe(0);
});

test('a peer that stops opens no swarm', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  const stopped = trackedAnnounce({ senderKey: thisMachine, event: 'stopped' });
  expect(ask(swarms, stopped, 0)).toEqual({ complete: 0, incomplete: 0, peers: [] });
  expect(swarms.size).toBe(0);
});

/** Some info hash or other. */
function hashNumber(number: number): string {
  return number.toString(16).padStart(40, '0');
}

test.each(['any', 'registered'] as const)(
  'the number of swarms is bounded, and a new one takes the place of one announced long ago (%s)',
  (admit) => {
    const swarms = new Swarms({ admit, peerTtlMs: 1_000, limits: roomFor(100, 100) });
    const senderKey = admit === 'any' ? '192.0.2.1' : thisMachine;
    for (let each = 0; each < 150; each += 1) {
      ask(swarms, trackedAnnounce({ senderKey, infoHash: hashNumber(each) }), each);
    }
    expect(swarms.size).toBe(100);
    expect(swarms.scrape(hashBytes(hashNumber(149))).incomplete).toBe(1);
    expect(swarms.scrape(hashBytes(hashNumber(0))).incomplete).toBe(0);
  },
);

test('of swarms announced long ago one where peers found each other stays', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits: roomFor(100, 100) });
  for (const ip of ['192.0.2.1', '192.0.2.2']) ask(swarms, trackedAnnounce({ ip }), 0);
  for (let each = 0; each < 5_000; each += 1) {
    ask(swarms, trackedAnnounce({ ip: '192.0.2.3', infoHash: hashNumber(each) }), 0);
  }
  expect(swarms.scrape(hashBytes(infoHash)).incomplete).toBe(2);
});

test('however many swarms are opened from this machine, what is registered has room, before and after', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000, limits: roomFor(100, 100) });
  const own = { senderKey: thisMachine, isComplete: true, peerId: 'the seeder' };
  swarms.register(hashBytes(infoHash));
  ask(swarms, trackedAnnounce(own), 0);
  for (let each = 0; each < 1_000; each += 1) {
    ask(swarms, trackedAnnounce({ senderKey: thisMachine, infoHash: hashNumber(each) }), 0);
  }
  expect(swarms.size).toBeLessThanOrEqual(101);
  swarms.register(hashBytes(otherHash));
  for (const hash of [infoHash, otherHash]) {
    ask(swarms, trackedAnnounce({ ...own, infoHash: hash }), 0);
    const outcome = ask(swarms, trackedAnnounce({ infoHash: hash, ip: '192.0.2.9' }), 0);
    expect(outcome).toMatchObject({ complete: 1, peers: [compactAddress('192.0.2.1', 7001)] });
  }
});

test('one address has so many peers in all swarms, others have as many', () => {
  const limits = { peersPerAddress: 3 };
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits });
  const announce = (ip: string, each: number) =>
    ask(swarms, trackedAnnounce({ ip, infoHash: hashNumber(each) }), 0).refusal;
  for (const ip of ['192.0.2.1', '2001:db8:1:1::1']) {
    const refusals = [1, 2, 3, 4, 3].map((each) => announce(ip, each));
    expect(refusals).toEqual([undefined, undefined, undefined, full.refusal, undefined]);
  }
  // Another address of the same /64.
  expect(announce('2001:db8:1:1::2', 5)).toBe(full.refusal);
  ask(swarms, trackedAnnounce({ infoHash: hashNumber(1), event: 'stopped' }), 0);
  expect(announce('192.0.2.1', 5)).toBeUndefined();
});

test('who has too many peers is told of others nevertheless, if it wants something of them', () => {
  const limits = { peersPerAddress: 1 };
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits });
  ask(swarms, trackedAnnounce({ ip: '192.0.2.9' }), 0);
  ask(swarms, trackedAnnounce({ port: 1 }), 0);
  const leecher = ask(swarms, trackedAnnounce({ port: 2 }), 0);
  expect(leecher).toMatchObject({ incomplete: 2 });
  expect(leecher.refusal ?? leecher.peers).toContain(compactAddress('192.0.2.9', 7001));
  expect(ask(swarms, trackedAnnounce({ port: 3, isComplete: true }), 0)).toEqual(full);
});

test('the peers of all swarms together are bounded: known ones still announce, and a swarm announced long ago makes room', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits: roomFor(2, 2) });
  const other = trackedAnnounce({ port: 2, infoHash: otherHash });
  ask(swarms, trackedAnnounce({ port: 1 }), 0);
  ask(swarms, other, 500);
  expect(ask(swarms, trackedAnnounce({ port: 1 }), 600)).toMatchObject({ incomplete: 1 });
  expect(ask(swarms, trackedAnnounce({ port: 3 }), 600)).toMatchObject({ incomplete: 2 });
  expect(swarms.scrape(hashBytes(otherHash)).incomplete).toBe(0);
  expect(ask(swarms, other, 700)).toMatchObject({ incomplete: 1 });
  expect(swarms.scrape(hashBytes(infoHash)).incomplete).toBe(0);
});

test('though there is no room for any peer, a seeder here of what is registered has some', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000, limits: roomFor(3, 2) });
  for (const each of [1, 2, 3]) swarms.register(hashBytes(hashNumber(each)));
  for (const each of [1, 2]) ask(swarms, trackedAnnounce({ infoHash: hashNumber(each) }), 0);
  const seeder = { infoHash: hashNumber(3), senderKey: thisMachine, port: 1, isComplete: true };
  expect(ask(swarms, trackedAnnounce(seeder), 0)).toMatchObject({ complete: 1 });
  const leecher = trackedAnnounce({ infoHash: hashNumber(3), ip: '192.0.2.9' });
  expect(ask(swarms, leecher, 0)).toMatchObject({
    peers: [compactAddress('192.0.2.1', 1)],
  });
});

test('the peers of one swarm are bounded', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, limits: { peersPerSwarm: 2 } });
  for (const port of [1, 2, 3]) ask(swarms, trackedAnnounce({ port }), 0);
  expect(swarms.scrape(hashBytes(infoHash)).incomplete).toBe(2);
});

test('a scrape of an unknown torrent is all zeros', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  expect(swarms.scrape(hashBytes(infoHash))).toEqual({ complete: 0, downloaded: 0, incomplete: 0 });
});
