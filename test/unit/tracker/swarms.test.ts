import { expect, test } from 'vitest';
import { Swarms } from '../../../src/tracker/swarms.js';
import { compactAddress, trackedAnnounce } from '../../support/trackers/tracked-announce.js';
import { infoHash, otherHash } from '../../support/trackers/tracker-requests.js';

const full = { refusal: 'this tracker is full' };
const unknown = { refusal: 'this tracker does not track this torrent' };

test('a torrent nobody registered is refused, and takes no memory', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  expect(swarms.announce(trackedAnnounce(), 0)).toEqual(unknown);
  expect(swarms.size).toBe(0);
});

test('a registered torrent is tracked', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.register(infoHash);
  swarms.announce(trackedAnnounce({ port: 1 }), 0);
  const outcome = swarms.announce(trackedAnnounce({ port: 2 }), 0);
  expect(outcome).toMatchObject({ incomplete: 2, peers: [compactAddress('192.0.2.1', 1)] });
});

test('a torrent that is no longer registered is forgotten with its last peer', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.register(infoHash);
  swarms.announce(trackedAnnounce({ port: 1 }), 0);
  swarms.unregister(infoHash);
  expect(swarms.announce(trackedAnnounce({ port: 2 }), 500)).toMatchObject({
    peers: [compactAddress('192.0.2.1', 1)],
  });
  swarms.announce(trackedAnnounce({ port: 1, event: 'stopped' }), 500);
  swarms.expire(1_501);
  expect(swarms.size).toBe(0);
  expect(swarms.announce(trackedAnnounce(), 0)).toEqual(unknown);
});

test('a torrent that is registered twice is tracked until both are taken back', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.register(infoHash);
  swarms.register(infoHash);
  swarms.unregister(infoHash);
  expect(swarms.announce(trackedAnnounce({ event: 'stopped' }), 0)).toMatchObject({ peers: [] });
  swarms.unregister(infoHash);
  swarms.unregister(infoHash);
  expect(swarms.announce(trackedAnnounce(), 0)).toEqual(unknown);
});

test('a year of torrents that come and go leaves nothing', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  for (let day = 0; day < 10_000; day += 1) {
    const each = day.toString(16).padStart(40, '0');
    swarms.register(each);
    swarms.announce(trackedAnnounce({ infoHash: each, port: 1 }), day);
    swarms.unregister(each);
    swarms.expire(day);
  }
  expect(swarms.size).toBeLessThanOrEqual(1_001);
  swarms.expire(20_000);
  expect(swarms.size).toBe(0);
});

test('an opened torrent is tracked for as long as it has peers', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.open(infoHash);
  expect(swarms.announce(trackedAnnounce(), 0)).toMatchObject({ incomplete: 1 });
  swarms.announce(trackedAnnounce({ event: 'stopped' }), 0);
  expect(swarms.announce(trackedAnnounce(), 0)).toEqual(unknown);
});

test('a swarm is freed when its last peer stops', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  swarms.announce(trackedAnnounce({ port: 1 }), 0);
  swarms.announce(trackedAnnounce({ port: 2 }), 0);
  swarms.announce(trackedAnnounce({ port: 1, event: 'stopped' }), 0);
  expect(swarms.size).toBe(1);
  swarms.announce(trackedAnnounce({ port: 2, event: 'stopped' }), 0);
  expect(swarms.size).toBe(0);
});

test('a peer that stops is told of no others', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  swarms.announce(trackedAnnounce({ port: 1 }), 0);
  expect(swarms.announce(trackedAnnounce({ port: 2, event: 'stopped' }), 0)).toMatchObject({
    peers: [],
  });
});

test('silent peers drop out after their time, and so do their swarms', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  swarms.announce(trackedAnnounce({ port: 1 }), 0);
  swarms.announce(trackedAnnounce({ port: 2 }), 500);
  swarms.expire(1_000);
  expect(swarms.scrape(infoHash).incomplete).toBe(2);
  swarms.expire(1_001);
  expect(swarms.scrape(infoHash).incomplete).toBe(1);
  swarms.expire(1_501);
  expect(swarms.size).toBe(0);
});

test('an opened swarm that nobody joined is freed too', () => {
  const swarms = new Swarms({ admit: 'registered', peerTtlMs: 1_000 });
  swarms.open(infoHash);
  swarms.expire(0);
  expect(swarms.size).toBe(0);
});

test('the number of swarms is bounded', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, maxSwarms: 1 });
  swarms.announce(trackedAnnounce(), 0);
  expect(swarms.announce(trackedAnnounce({ infoHash: otherHash }), 0)).toEqual(full);
  swarms.open(otherHash);
  expect(swarms.size).toBe(1);
});

test('the peers of all swarms together are bounded, known ones still announce, and room is made again', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, maxPeers: 2 });
  swarms.announce(trackedAnnounce({ port: 1 }), 0);
  swarms.announce(trackedAnnounce({ port: 2, infoHash: otherHash }), 500);
  expect(swarms.announce(trackedAnnounce({ port: 3 }), 500)).toEqual(full);
  expect(swarms.announce(trackedAnnounce({ port: 2, infoHash: otherHash }), 500)).not.toEqual(full);
  swarms.expire(1_200);
  expect(swarms.announce(trackedAnnounce({ port: 3 }), 1_200)).not.toEqual(full);
  swarms.announce(trackedAnnounce({ port: 2, infoHash: otherHash, event: 'stopped' }), 1_200);
  expect(swarms.announce(trackedAnnounce({ port: 4 }), 1_200)).not.toEqual(full);
});

test('the peers of one swarm are bounded', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000, maxPeersPerSwarm: 2 });
  for (const port of [1, 2, 3]) swarms.announce(trackedAnnounce({ port }), 0);
  expect(swarms.scrape(infoHash).incomplete).toBe(2);
});

test('a scrape of an unknown torrent is all zeros', () => {
  const swarms = new Swarms({ admit: 'any', peerTtlMs: 1_000 });
  expect(swarms.scrape(infoHash)).toEqual({ complete: 0, downloaded: 0, incomplete: 0 });
});
