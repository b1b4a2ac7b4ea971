import { expect, test } from 'vitest';
import { trackerLimits } from '../../../src/limits.js';
import { PeerCounts } from '../../../src/tracker/senders/peer-counts.js';
import { thisMachine } from '../../../src/tracker/senders/sender-key.js';
import type { SwarmLimits } from '../../../src/tracker/swarms/tracked-peers.js';
import {
  type AnnouncedPeer,
  compactAddress,
  portsOf,
  trackedAnnounce,
} from '../../support/trackers/tracked-announce.js';
import { TrackedSwarm } from '../../support/trackers/tracked-swarm.js';

function newSwarm(limits: Partial<SwarmLimits> = {}, counts = new PeerCounts()): TrackedSwarm {
  return new TrackedSwarm({ ...trackerLimits, ...limits }, counts);
}

/** Has room for three. */
function swarmOf(...announces: readonly AnnouncedPeer[]): TrackedSwarm {
  const swarm = newSwarm({ peersPerSwarm: 3 });
  for (const [index, fields] of announces.entries()) {
    swarm.announce(trackedAnnounce(fields), index);
  }
  return swarm;
}

function toldBy(swarm: TrackedSwarm, numWant = 1_000): readonly number[] {
  const asking = trackedAnnounce({ ip: '203.0.113.1', port: 65_000, numWant });
  return portsOf(swarm.addressesFor(asking));
}

test('seeders and leechers are counted apart', () => {
  const swarm = swarmOf({ port: 1, isComplete: true }, { port: 2 }, { port: 3 });
  expect([swarm.complete, swarm.incomplete]).toEqual([1, 2]);
});

test('a leecher that completes becomes a seeder, and counts as one download', () => {
  const done = { port: 1, isComplete: true, event: 'completed' } as const;
  const swarm = swarmOf({ port: 1, event: 'started' }, done, done);
  expect([swarm.complete, swarm.incomplete, swarm.downloaded]).toEqual([1, 0, 1]);
});

test.each(['started', 'update'] as const)(
  'a seeder that announces `%s` with something left is a leecher again',
  (event) => {
    const swarm = swarmOf({ isComplete: true }, { event });
    expect([swarm.complete, swarm.incomplete]).toEqual([0, 1]);
  },
);

test('a client restarted on the same address is known by its new peer id', () => {
  const swarm = swarmOf({ peerId: 'old' }, { peerId: 'new', event: 'started' });
  const toldTo = (peerId: string) =>
    swarm.addressesFor(trackedAnnounce({ port: 9, peerId })).length;
  expect([toldTo('old'), toldTo('new')]).toEqual([1, 0]);
});

test('a peer that stops is forgotten', () => {
  const swarm = swarmOf({ isComplete: true }, { event: 'stopped' });
  expect([swarm.size, swarm.complete]).toEqual([0, 0]);
});

test('a peer that was never there may stop', () => {
  expect(swarmOf({ event: 'stopped' }).size).toBe(0);
});

test('over the bound, the peer heard of longest ago makes room', () => {
  const swarm = swarmOf({ port: 1, isComplete: true }, { port: 2 }, { port: 3 }, { port: 4 });
  expect(portsOf(swarm.addressesFor(trackedAnnounce({ port: 9 })))).toEqual([2, 3, 4]);
  expect([swarm.complete, swarm.incomplete]).toEqual([0, 3]);
});

test('a peer that announces again does not push out another', () => {
  expect(swarmOf({ port: 1 }, { port: 2 }, { port: 3 }, { port: 1 }).size).toBe(3);
});

test('a peer is not told of itself, nor of itself under another address', () => {
  const swarm = swarmOf({ port: 1, peerId: 'me' }, { port: 1, peerId: 'me', ip: '198.51.100.1' });
  expect(swarm.addressesFor(trackedAnnounce({ port: 1, peerId: 'me' }))).toEqual([]);
  expect(swarm.addressesFor(trackedAnnounce({ port: 1, peerId: 'another' }))).toEqual([
    compactAddress('198.51.100.1', 1),
  ]);
});

test('no more peers are told than wanted, and none twice', () => {
  const swarm = swarmOf({ port: 1 }, { port: 2 }, { port: 3 });
  const told = swarm.addressesFor(trackedAnnounce({ port: 9, numWant: 2 }));
  expect(new Set(told).size).toBe(2);
  expect(swarm.addressesFor(trackedAnnounce({ port: 9, numWant: 0 }))).toEqual([]);
});

test('peers that no longer announce are forgotten, those that do are kept', () => {
  const swarm = swarmOf({ port: 1, isComplete: true }, { port: 2 }, { port: 1, isComplete: true });
  swarm.expire(2);
  expect(portsOf(swarm.addressesFor(trackedAnnounce({ port: 9 })))).toEqual([1]);
  expect([swarm.complete, swarm.incomplete]).toEqual([1, 0]);
});

test('whoever asks for fewer than there are is told of each of them sooner or later', () => {
  const swarm = newSwarm();
  for (let port = 1; port <= 20; port += 1) swarm.announce(trackedAnnounce({ port }), port);
  const told = new Set<string>();
  const few = trackedAnnounce({ port: 99, numWant: 3 });
  // Each is left out of all of them with a chance of 0.85 to the 400th.
  for (let times = 0; times < 400; times += 1) {
    for (const address of swarm.addressesFor(few)) told.add(address);
  }
  expect(portsOf([...told])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test('of many peers that come, tell, and go, exactly those that stayed are told', () => {
  const swarm = newSwarm({ portsPerAddressAndSwarm: 1_000 });
  const here = new Set<number>();
  for (let turn = 0; turn < 2_000; turn += 1) {
    const port = 1 + ((turn * 7919) % 101);
    const event = turn % 3 === 0 ? 'stopped' : 'update';
    swarm.announce(trackedAnnounce({ port, event }), turn);
    if (event === 'stopped') here.delete(port);
    else here.add(port);
    swarm.addressesFor(trackedAnnounce({ port, numWant: turn % 5 }));
  }
  const all = swarm.addressesFor(trackedAnnounce({ port: 999, numWant: 1_000 }));
  expect(portsOf(all)).toEqual([...here].sort((a, b) => a - b));
  expect(swarm.size).toBe(here.size);
});

const ownSeeder = { ip: '127.0.0.1', senderKey: thisMachine, isComplete: true, port: 1 } as const;

/** One that names ports from 1001 on. */
function flood(swarm: TrackedSwarm, ip: string, ports: number): void {
  for (let port = 1_001; port <= 1_000 + ports; port += 1) {
    swarm.announce(trackedAnnounce({ ip, port, isComplete: true }), port);
  }
}

test('one address has so many ports in a swarm, and its oldest makes room for its newest', () => {
  const swarm = newSwarm({ portsPerAddressAndSwarm: 3 });
  flood(swarm, '192.0.2.1', 5);
  flood(swarm, '192.0.2.2', 2);
  expect(toldBy(swarm)).toEqual([1_001, 1_002, 1_003, 1_004, 1_005]);
  swarm.announce(trackedAnnounce({ port: 1_003 }), 9_000);
  flood(swarm, '192.0.2.1', 6);
  expect(swarm.size).toBe(5);
});

test('the addresses of one /64 are one address', () => {
  const swarm = newSwarm({ portsPerAddressAndSwarm: 3 });
  for (let host = 1; host <= 9; host += 1) {
    swarm.announce(trackedAnnounce({ ip: `2001:db8:1:1::${host}` }), host);
  }
  swarm.announce(trackedAnnounce({ ip: '2001:db8:1:2::1' }), 10);
  expect(swarm.size).toBe(4);
});

test('on this machine there may be as many as the swarm holds', () => {
  const swarm = newSwarm({ portsPerAddressAndSwarm: 3, peersPerSwarm: 20 });
  for (let port = 1; port <= 30; port += 1) {
    swarm.announce(trackedAnnounce({ port, senderKey: thisMachine }), port);
  }
  expect(swarm.size).toBe(20);
});

test('a full swarm makes room at the cost of the address with most ports, not of those that came alone', () => {
  const swarm = newSwarm({ portsPerAddressAndSwarm: 5, peersPerSwarm: 9 });
  for (const port of [1, 2, 3]) {
    swarm.announce(trackedAnnounce({ ip: `192.0.2.${port}`, port }), port);
  }
  flood(swarm, '198.51.100.1', 5);
  flood(swarm, '198.51.100.2', 5);
  swarm.announce(trackedAnnounce({ ip: '192.0.2.4', port: 4 }), 9_000);
  expect(toldBy(swarm).filter((port) => port < 1_000)).toEqual([1, 2, 3, 4]);
  expect(swarm.size).toBe(9);
});

test('whatever floods a swarm, from elsewhere or from here, a seeder on this machine is in every answer', () => {
  const swarm = newSwarm();
  swarm.announce(trackedAnnounce(ownSeeder), 0);
  for (let host = 1; host <= 250; host += 1) flood(swarm, `198.51.100.${host}`, 20);
  for (let port = 1_001; port <= 4_000; port += 1) {
    swarm.announce(trackedAnnounce({ port, senderKey: thisMachine }), port);
  }
  expect(swarm.size).toBe(trackerLimits.peersPerSwarm + 1);
  for (let times = 0; times < 100; times += 1) {
    expect(toldBy(swarm, 1)).toEqual([1]);
    expect(toldBy(swarm, 50)).toHaveLength(50);
  }
});

test('who names a thousand ports has one place in an answer, until others have theirs', () => {
  const swarm = newSwarm();
  flood(swarm, '198.51.100.1', 1_000);
  for (let host = 1; host <= 30; host += 1) {
    swarm.announce(trackedAnnounce({ ip: `192.0.2.${host}`, port: host }), host);
  }
  for (let times = 0; times < 50; times += 1) {
    expect(toldBy(swarm, 50).filter((port) => port < 1_000)).toHaveLength(30);
    expect(toldBy(swarm, 20).filter((port) => port > 1_000).length).toBeLessThanOrEqual(1);
  }
});

test.each([
  ['stops', { event: 'stopped' }],
  ['has something left', { isComplete: false, event: 'update' }],
] as const)('who names the address of a seeder here and %s takes nothing from it', (_, claim) => {
  const swarm = newSwarm();
  swarm.announce(trackedAnnounce({ ...ownSeeder, ip: '192.0.2.1' }), 0);
  swarm.announce(trackedAnnounce({ ip: '192.0.2.1', port: 1, ...claim }), 1);
  expect(swarm.complete).toBe(1);
  expect(toldBy(swarm)).toEqual([1]);
});

test('there are few such seeders, the others are peers as any', () => {
  const swarm = newSwarm({ ownSeedersPerSwarm: 2, peersPerSwarm: 3 });
  for (let port = 1; port <= 9; port += 1) {
    swarm.announce(trackedAnnounce({ ...ownSeeder, port }), port);
  }
  expect([swarm.size, swarm.complete]).toEqual([5, 5]);
  expect(toldBy(swarm, 2)).toEqual([1, 2]);
  expect(toldBy(swarm)).toEqual([1, 2, 7, 8, 9]);
});

test('where one of them stops, the next that announces takes its slot', () => {
  const swarm = newSwarm({ ownSeedersPerSwarm: 1 });
  for (const port of [1, 2]) swarm.announce(trackedAnnounce({ ...ownSeeder, port }), port);
  swarm.announce(trackedAnnounce({ ...ownSeeder, port: 1, event: 'stopped' }), 3);
  flood(swarm, '192.0.2.1', 50);
  swarm.announce(trackedAnnounce({ ...ownSeeder, port: 2 }), 4);
  expect(toldBy(swarm, 1)).toEqual([2]);
  expect([swarm.size, swarm.complete]).toEqual([51, 51]);
});

test('a seeder on this machine that stops, falls silent, or has something left again, is one no more', () => {
  const seeders = [1, 2, 3].map((port) => ({ ...ownSeeder, port }));
  const swarm = newSwarm();
  for (const seeder of seeders) swarm.announce(trackedAnnounce(seeder), 0);
  swarm.announce(trackedAnnounce({ ...ownSeeder, port: 1, event: 'stopped' }), 10);
  swarm.announce(trackedAnnounce({ ...ownSeeder, port: 2, isComplete: false }), 10);
  swarm.expire(5);
  expect([swarm.complete, swarm.incomplete]).toEqual([0, 1]);
  expect(toldBy(swarm)).toEqual([2]);
});

test('of crowds, too, who fell silent is forgotten', () => {
  const swarm = newSwarm();
  for (const port of [1, 2]) swarm.announce(trackedAnnounce({ port }), port);
  swarm.announce(trackedAnnounce({ ip: '192.0.2.9', port: 9 }), 2);
  swarm.announce(trackedAnnounce({ port: 3 }), 3);
  swarm.announce(trackedAnnounce({ port: 1 }), 4);
  swarm.expire(3);
  expect(toldBy(swarm)).toEqual([1, 3]);
  swarm.expire(9);
  expect(swarm.size).toBe(0);
});

test('of one kind of address alone are those told that ask for one', () => {
  const swarm = newSwarm();
  for (let network = 1; network <= 100; network += 1) {
    swarm.announce(trackedAnnounce({ ip: `2001:db8:${network}::1`, port: network }), 0);
  }
  swarm.announce(trackedAnnounce({ ip: '192.0.2.1', port: 7 }), 0);
  const asking = trackedAnnounce({ ip: '203.0.113.1', addressBytes: 6 });
  expect(portsOf(swarm.addressesFor(asking))).toEqual([7]);
});

test('counters are kept of each senderKey, whatever becomes of its peers', () => {
  const counts = new PeerCounts();
  const swarm = newSwarm({ portsPerAddressAndSwarm: 4, peersPerSwarm: 6 }, counts);
  flood(swarm, '192.0.2.1', 9);
  flood(swarm, '192.0.2.2', 9);
  swarm.announce(trackedAnnounce(ownSeeder), 0);
  const counted = () => ['192.0.2.1', '192.0.2.2'].map((each) => counts.of(counts.senderOf(each)));
  expect(swarm.size).toBe(7);
  expect(counted().reduce((sum, each) => sum + each, 0)).toBe(6);
  swarm.clear();
  expect([swarm.size, ...counted()]).toEqual([0, 0, 0]);
});
