import { expect, test } from 'vitest';
import { TrackedSwarm } from '../../../src/tracker/tracked-swarm.js';
import {
  type AnnouncedPeer,
  compactAddress,
  portsOf,
  trackedAnnounce,
} from '../../support/trackers/tracked-announce.js';

function swarmOf(...announces: readonly AnnouncedPeer[]): TrackedSwarm {
  const swarm = new TrackedSwarm();
  for (const [index, fields] of announces.entries()) {
    swarm.announce(trackedAnnounce(fields), index, 3);
  }
  return swarm;
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
  const swarm = new TrackedSwarm();
  for (let port = 1; port <= 20; port += 1) swarm.announce(trackedAnnounce({ port }), port, 20);
  const told = new Set<string>();
  const few = trackedAnnounce({ port: 99, numWant: 3 });
  // Each is left out of all of them with a chance of 0.85 to the 400th.
  for (let times = 0; times < 400; times += 1) {
    for (const address of swarm.addressesFor(few)) told.add(address);
  }
  expect(portsOf([...told])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test('of many peers that come, tell, and go, exactly those that stayed are told', () => {
  const swarm = new TrackedSwarm();
  const here = new Set<number>();
  for (let turn = 0; turn < 2_000; turn += 1) {
    const port = 1 + ((turn * 7919) % 101);
    const event = turn % 3 === 0 ? 'stopped' : 'update';
    swarm.announce(trackedAnnounce({ port, event }), turn, 1_000);
    if (event === 'stopped') here.delete(port);
    else here.add(port);
    swarm.addressesFor(trackedAnnounce({ port, numWant: turn % 5 }));
  }
  const all = swarm.addressesFor(trackedAnnounce({ port: 999, numWant: 1_000 }));
  expect(portsOf(all)).toEqual([...here].sort((a, b) => a - b));
  expect(swarm.size).toBe(here.size);
});
