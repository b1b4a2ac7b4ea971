// Who is told of which pieces while there is one whole copy, and that everyone gets all of them in the end.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { canBeSuperSeeded } from '../../../../../src/engine/data-path/upload/super-seeding.js';
import {
  metainfoOf,
  type SeededPeer,
  SeededSwarm,
} from '../../../../support/data-path/seeded-swarm.js';

const all = (count: number) => Array.from({ length: count }, (_, index) => index);
const sorted = (pieces: Iterable<number>) => [...pieces].sort((one, other) => one - other);

let opened: SeededSwarm[] = [];

function swarmOf(pieceCount: number): SeededSwarm {
  const swarm = new SeededSwarm(pieceCount);
  opened.push(swarm);
  return swarm;
}

afterEach(() => {
  for (const { seeding } of opened) seeding.close();
  opened = [];
});

describe('peers that share', () => {
  it('are told of each piece once before any is told of twice', () => {
    const swarm = swarmOf(300);
    const peers = swarm.join(16, { fromOthers: 8 });
    swarm.passUntilDone(peers, 1_000);
    const first = swarm.reveals.slice(0, 300).map(({ index }) => index);
    expect(sorted(first)).toEqual(all(300));
  });

  it.each([2, 6, 16, 40])('are sent little more than one copy, be they %d', (count) => {
    const swarm = swarmOf(400);
    const peers = swarm.join(count, { fromOthers: 8 });
    expect(swarm.passUntilDone(peers, 2_000)).toBe(true);
    expect(swarm.copies).toBeGreaterThanOrEqual(1);
    expect(swarm.copies).toBeLessThan(1.2);
  });

  it('are told of little at once, and of more the more they take', () => {
    const swarm = swarmOf(1_000);
    const [slow, quick] = [...swarm.join(1, { fromUs: 1 }), ...swarm.join(1, { fromUs: 40 })];
    expect([slow?.told.length, quick?.told.length]).toEqual([2, 2]);
    swarm.pass(20);
    const ahead = ({ told, pieces }: SeededPeer) => told.length - pieces.count;
    expect(slow && ahead(slow)).toBe(2);
    expect(quick && ahead(quick)).toBeGreaterThanOrEqual(15);
    expect(quick && ahead(quick)).toBeLessThanOrEqual(20);
  });
});

describe('peers that cannot reach each other', () => {
  it('all get everything, in not much more time than it takes', () => {
    const swarm = swarmOf(200);
    const peers = swarm.join(8, { fromUs: 4 });
    expect(swarm.passUntilDone(peers, 2 * 200)).toBe(true);
    expect(swarm.copies).toBe(8);
  });

  it('all get everything, though one of them gets all that nobody has been told of', () => {
    const swarm = swarmOf(200);
    const peers = [...swarm.join(1, { fromUs: 100 }), ...swarm.join(3, { fromUs: 1 })];
    expect(swarm.passUntilDone(peers, 4 * 200 + 400)).toBe(true);
  });
});

describe('a peer that takes nothing', () => {
  it('for five seconds gives what it was told of to others', () => {
    const swarm = swarmOf(40);
    const [idle] = swarm.join(1, { fromUs: 0 });
    // It is never hungry, and so is told only of what nobody else awaits.
    const [other] = swarm.join(1, { fromUs: 0, isTaking: false });
    const take = (looks: number) => {
      for (let nth = 0; nth < looks; nth++) {
        const next = other?.told.find((index) => !other.pieces.has(index));
        if (other !== undefined && next !== undefined) {
          other.pieces.add(next);
          swarm.seeding.got(other, next);
        }
        swarm.pass(1);
      }
    };
    take(19);
    expect(idle?.told).toHaveLength(2);
    expect(other?.told.some((index) => idle?.told.includes(index))).toBe(false);
    take(40);
    expect(sorted(other?.told ?? [])).toEqual(all(40));
  });

  it('and then takes again, is told of more again', () => {
    const swarm = swarmOf(40);
    const [peer] = swarm.join(1, { fromUs: 0, isTaking: false });
    swarm.pass(30);
    expect(peer?.told).toHaveLength(2);
    Object.assign(peer ?? {}, { fromUs: 4, isTaking: true });
    expect(swarm.passUntilDone(peer === undefined ? [] : [peer], 60)).toBe(true);
  });

  it('keeps nobody from getting everything, were there fifty of them', () => {
    const swarm = swarmOf(200);
    swarm.join(50, { fromUs: 0 });
    const [honest] = swarm.join(1, { fromUs: 4 });
    expect(swarm.passUntilDone(honest === undefined ? [] : [honest], 2 * 200)).toBe(true);
  });
});

describe('peers that lie about what they have', () => {
  it('keep nobody from getting everything', () => {
    const swarm = swarmOf(200);
    for (const liar of swarm.join(50, { fromUs: 0 })) {
      for (const index of all(199)) liar.pieces.add(index);
      swarm.seeding.gotMany(liar);
    }
    const honest = swarm.join(2, { fromUs: 4 });
    expect(swarm.passUntilDone(honest, 2 * 200)).toBe(true);
  });
});

describe('what a peer has', () => {
  it('is counted when it says so after it has come', () => {
    const swarm = swarmOf(40);
    const [rich] = swarm.join(1, { fromUs: 0, isTaking: false });
    const atFirst = [...(rich?.told ?? [])];
    const had = all(40).slice(0, 30);
    for (const index of had) rich?.pieces.add(index);
    if (rich !== undefined) swarm.seeding.gotMany(rich);
    const [poor] = swarm.join(1, { fromUs: 40, isTaking: true });
    const spoken = new Set([...had, ...(rich?.told ?? []), ...atFirst]);
    expect(poor?.told).toHaveLength(2);
    expect(poor?.told.filter((index) => spoken.has(index))).toEqual([]);
  });

  it('is counted when it has said so before it came', () => {
    const swarm = swarmOf(40);
    const rich = swarm.peer({ fromUs: 0 });
    for (const index of all(39)) rich.pieces.add(index);
    swarm.seeding.join(rich);
    expect(rich.told).toEqual([39]);
  });

  it('is counted no more when it has left', () => {
    const swarm = swarmOf(40);
    const [first] = swarm.join(1, { fromUs: 4 });
    swarm.pass(10);
    expect(first?.pieces.count).toBe(10);
    if (first !== undefined) swarm.leave(first);
    if (first !== undefined) swarm.seeding.left(first);
    // Nothing that is told of twice: it is not hungry.
    const [other] = swarm.join(1, { fromUs: 0, isTaking: false });
    for (let nth = 0; nth < 40; nth++) {
      const next = other?.told[nth];
      if (other !== undefined && next !== undefined) swarm.seeding.got(other, next);
    }
    expect(sorted(other?.told ?? [])).toEqual(all(40));
  });

  it('is not told to it that was told of everything before it was one of several', () => {
    const swarm = swarmOf(40);
    const informed = swarm.peer();
    for (const index of all(10)) informed.pieces.add(index);
    swarm.seeding.joinInformed(informed);
    const [other] = swarm.join(1);
    swarm.pass(20);
    swarm.seeding.end();
    expect(informed.told).toEqual([]);
    expect(other?.told.slice(0, 2).filter((index) => index < 10)).toEqual([]);
  });
});

describe('the end', () => {
  it('tells everyone of all the rest, each piece once, and nothing follows', () => {
    const swarm = swarmOf(100);
    const peers = swarm.join(5, { fromOthers: 1 });
    swarm.pass(10);
    expect(peers.filter(({ told }) => told.length === 100)).toEqual([]);
    swarm.seeding.end();
    // What it got of others it need not be told of.
    for (const { told, pieces } of peers) {
      expect(told).toHaveLength(new Set(told).size);
      const untold = all(100).filter((index) => !told.includes(index));
      expect(untold.filter((index) => !pieces.has(index))).toEqual([]);
    }
    const { length } = swarm.reveals;
    swarm.seeding.end();
    swarm.pass(20);
    expect(swarm.reveals).toHaveLength(length);
  });

  it('leaves no timer', () => {
    vi.useFakeTimers();
    const [ended, closed] = [new SeededSwarm(10), new SeededSwarm(10)];
    expect(vi.getTimerCount()).toBe(2);
    ended.seeding.end();
    closed.seeding.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

it('is for neither very many pieces nor very few', () => {
  const counts = [1, 7, 8, 50_000, 50_001];
  expect(counts.map((count) => canBeSuperSeeded(metainfoOf(count)))).toEqual([
    ...[false, false, true, true, false],
  ]);
});

it('tells nobody of a piece twice, and everyone who stays of all that it lacks, whatever happens', () => {
  const event = fc.record({
    what: fc.constantFrom('join', 'leave', 'bitfield', 'informed', 'taking', 'pass', 'pass'),
    who: fc.nat(),
    fromUs: fc.nat(6),
    fromOthers: fc.nat(4),
    looks: fc.integer({ min: 1, max: 30 }),
    pieces: fc.array(fc.nat(29), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const swarm = new SeededSwarm(30);
      const informed = new Set<SeededPeer>();
      for (const { what, who, looks, pieces, ...options } of events) {
        const peer = [...swarm.peers][who % Math.max(1, swarm.peers.size)];
        if (what === 'join') swarm.join(1, options);
        else if (what === 'informed') {
          const early = swarm.peer({ fromUs: 0 });
          informed.add(early);
          swarm.seeding.joinInformed(early);
        } else if (what === 'pass') swarm.pass(looks);
        else if (peer === undefined) continue;
        else if (what === 'leave') swarm.leave(peer);
        else if (what === 'taking') peer.isTaking = !peer.isTaking;
        else {
          for (const index of pieces) peer.pieces.add(index);
          swarm.seeding.gotMany(peer);
        }
      }
      const left = [...swarm.peers].filter((peer) => !informed.has(peer));
      for (const peer of left) Object.assign(peer, { isTaking: true, fromUs: 1 });
      expect(swarm.passUntilDone(left, 400)).toBe(true);
      swarm.seeding.end();
      for (const { peer } of swarm.reveals) expect(peer.told).toHaveLength(new Set(peer.told).size);
      for (const peer of informed) expect(peer.told).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
