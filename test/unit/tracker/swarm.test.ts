import { expect, test } from 'vitest';
import { type Announce, Swarm } from '../../../src/tracker/swarm.js';
import { infoHash } from '../../support/tracker-requests.js';

function announce(fields: Partial<Announce> = {}): Announce {
  const port = fields.port ?? 7001;
  return {
    infoHash,
    peerId: `peer ${port}`,
    ip: '192.0.2.1',
    port,
    isComplete: false,
    event: 'update',
    numwant: 50,
    ...fields,
  };
}

function swarmOf(...announces: readonly Partial<Announce>[]): Swarm {
  const swarm = new Swarm();
  for (const [index, fields] of announces.entries()) swarm.announce(announce(fields), index, 3);
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
  const told = swarm.peersFor(announce({ port: 9 }));
  expect(told.map(({ peerId }) => peerId)).toEqual(['new']);
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
  const told = swarm.peersFor(announce({ port: 9 })).map(({ port }) => port);
  expect(told.sort()).toEqual([2, 3, 4]);
  expect([swarm.complete, swarm.incomplete]).toEqual([0, 3]);
});

test('a peer that announces again does not push out another', () => {
  expect(swarmOf({ port: 1 }, { port: 2 }, { port: 3 }, { port: 1 }).size).toBe(3);
});

test('a peer is not told of itself, nor of itself under another address', () => {
  const swarm = swarmOf({ port: 1, peerId: 'me' }, { port: 1, peerId: 'me', ip: '198.51.100.1' });
  expect(swarm.peersFor(announce({ port: 1, peerId: 'me' }))).toEqual([]);
  expect(swarm.peersFor(announce({ port: 1, peerId: 'another' })).map(({ ip }) => ip)).toEqual([
    '198.51.100.1',
  ]);
});

test('no more peers are told than wanted, and none twice', () => {
  const swarm = swarmOf({ port: 1 }, { port: 2 }, { port: 3 });
  const told = swarm.peersFor(announce({ port: 9, numwant: 2 }));
  expect(new Set(told).size).toBe(2);
  expect(swarm.peersFor(announce({ port: 9, numwant: 0 }))).toEqual([]);
});

test('peers that no longer announce are forgotten, those that do are kept', () => {
  const swarm = swarmOf({ port: 1, isComplete: true }, { port: 2 }, { port: 1, isComplete: true });
  swarm.expire(2);
  expect(swarm.peersFor(announce({ port: 9 })).map(({ port }) => port)).toEqual([1]);
  expect([swarm.complete, swarm.incomplete]).toEqual([1, 0]);
});
