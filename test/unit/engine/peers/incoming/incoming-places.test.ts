// Who has a place among those who dial us, and whose goes to another.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Dialled,
  IncomingPlaces,
} from '../../../../../src/engine/peers/incoming/incoming-places.js';
import { incomingLimits } from '../../../../../src/limits.js';

const { connectionsPerTorrent, connectionsPerAddressAndTorrent } = incomingLimits;
const second = 1_000;

class Stranger implements Dialled {
  blockBytes = 0;
  isWaiting = false;
  isClosed = false;
  readonly address: string | undefined;
  constructor(address: string | undefined) {
    this.address = address;
  }
  close(): void {
    this.isClosed = true;
  }
}

function setUp({ connections = 450, unnamed = 50 } = {}) {
  const clock = { nowMs: 0 };
  const places = new IncomingPlaces({ connections, unnamed, nowMs: () => clock.nowMs });
  const strangers: Stranger[] = [];
  const dial = (address?: string) => {
    const stranger = new Stranger(address);
    strangers.push(stranger);
    places.arrived(stranger);
    return stranger;
  };
  /** Undefined where it gets no place. */
  const come = (address?: string, infoHash = 'a') => {
    const stranger = dial(address);
    const hasPlace = places.named(stranger, infoHash);
    places.shookHands(stranger);
    if (!hasPlace) stranger.close();
    return hasPlace ? stranger : undefined;
  };
  const many = (count: number, addressOf: (nth: number) => string | undefined, infoHash?: string) =>
    Array.from({ length: count }, (_, nth) => come(addressOf(nth), infoHash)).filter(
      (each) => each !== undefined,
    );
  const pass = (ms: number) => {
    for (let leftMs = ms; leftMs > 0; leftMs -= 10 * second) {
      clock.nowMs += Math.min(leftMs, 10 * second);
      places.look();
    }
  };
  const open = () => strangers.filter(({ isClosed }) => !isClosed);
  return { places, dial, come, many, pass, open };
}

const each = (nth: number) => `192.0.2.${nth}`;

describe('one address', () => {
  it('has 8 places in a torrent, and 32 in all', () => {
    const { many } = setUp();
    expect(many(100, () => 'a', 'first')).toHaveLength(connectionsPerAddressAndTorrent);
    for (const torrent of ['second', 'third', 'fourth', 'fifth']) many(100, () => 'a', torrent);
    expect(many(100, () => 'a', 'sixth')).toHaveLength(0);
  });

  it('of this machine has as many as there are', () => {
    const { many } = setUp();
    expect(many(200, () => undefined)).toHaveLength(connectionsPerTorrent);
    for (let nth = 0; nth < 10; nth++) many(100, () => undefined, `torrent ${nth}`);
    expect(many(1, () => undefined, 'one more')).toHaveLength(0);
  });

  it('gives the place of its own most useless to its newcomer', () => {
    const { many, come, pass } = setUp();
    const [first, second_] = many(8, () => 'a');
    pass(20 * second);
    if (first !== undefined) first.blockBytes = 1;
    pass(10 * second);
    expect(come('a')).toBeDefined();
    expect([first?.isClosed, second_?.isClosed]).toEqual([false, true]);
  });
});

describe('a torrent that is full', () => {
  it('of idle connections of a few addresses lets a newcomer in at once', () => {
    const { many, come, open } = setUp();
    many(200, (nth) => each(nth % 13));
    expect(come('newcomer')).toBeDefined();
    expect(open().filter(({ address }) => address === 'newcomer')).toHaveLength(1);
  });

  it('of single connections lets nobody in who has come as soon as the others', () => {
    const { many, come } = setUp();
    const singles = many(100, each);
    expect(come('newcomer')).toBeUndefined();
    expect(singles.filter(({ isClosed }) => isClosed)).toEqual([]);
  });

  it('of single connections gives the place of whoever has been idle longest', () => {
    const { many, come, pass } = setUp();
    const singles = many(100, each);
    for (const [nth, single] of singles.entries()) {
      pass(second);
      single.blockBytes = nth === 50 ? 0 : 1;
    }
    pass(3 * 60 * second);
    for (const single of singles.slice(0, 50)) single.blockBytes += 1;
    pass(10 * second);
    expect(come('newcomer')).toBeDefined();
    expect(singles.findIndex(({ isClosed }) => isClosed)).toBe(50);
  });

  it('keeps those who wait for their turn, for some minutes', () => {
    const { many, come, pass } = setUp();
    const singles = many(100, each);
    for (const single of singles) single.isWaiting = true;
    pass(4 * 60 * second);
    expect(come('newcomer')).toBeUndefined();
    pass(60 * second);
    expect(come('newcomer')).toBeDefined();
  });

  it('keeps those who give and take, whoever comes', () => {
    const { many, come, pass } = setUp();
    const singles = many(100, each);
    for (let minute = 0; minute < 30; minute++) {
      for (const single of singles) single.blockBytes += 16_384;
      pass(60 * second);
    }
    expect(come('newcomer')).toBeUndefined();
  });

  it('takes from the address with most what is of least use there, though all are of some', () => {
    const { many, come, pass } = setUp();
    const crowd = many(8, () => 'crowd');
    const singles = many(92, each);
    for (const [nth, peer] of crowd.entries()) peer.blockBytes = 1_000 - (nth % 7);
    for (const single of singles) single.blockBytes = 1;
    pass(30 * second);
    for (const newcomer of ['x', 'y']) expect(come(newcomer)).toBeDefined();
    expect(
      crowd.map(({ isClosed }, nth) => (isClosed ? nth : -1)).filter((nth) => nth >= 0),
    ).toEqual([5, 6]);
    expect(singles.filter(({ isClosed }) => isClosed)).toEqual([]);
  });

  it('leaves other torrents alone', () => {
    const { many, come, pass } = setUp();
    const others = many(100, each, 'other');
    many(100, each);
    pass(60 * second);
    expect(come('newcomer')).toBeDefined();
    expect(others.filter(({ isClosed }) => isClosed)).toEqual([]);
  });
});

describe('who has not named a torrent', () => {
  it('shares the room with others of its address: the oldest goes', () => {
    const { dial, open } = setUp();
    const first = dial('a');
    for (let nth = 0; nth < 8; nth++) dial('a');
    expect(open()).toHaveLength(8);
    expect(first.isClosed).toBe(true);
  });

  it('goes when there are too many, the oldest of the address with most', () => {
    const { dial, open } = setUp();
    const [honest, ...crowd] = ['honest', 'a', 'a', 'a'].map(dial);
    for (let nth = 0; nth < 47; nth++) dial(each(nth));
    expect([honest, ...crowd].map((peer) => peer?.isClosed)).toEqual([false, true, false, false]);
    expect(open()).toHaveLength(50);
  });
});

const arrival = fc.record({ address: fc.nat(40), infoHash: fc.nat(3), passMs: fc.nat(3_000) });

it('holds no more than there are places, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 200 }), (arrivals) => {
      const { places, come, pass, open } = setUp({ connections: 30, unnamed: 5 });
      for (const { address, infoHash, passMs } of arrivals) {
        come(each(address), `${infoHash}`);
        pass(passMs);
        expect(places.count).toBeLessThanOrEqual(30);
      }
      expect(places.count).toBe(open().length);
    }),
    { numRuns: 50 },
  );
});

it('comes to rest: newcomers that are put out and come again do not go on like that', () => {
  const { come, many, open } = setUp({ connections: 30, unnamed: 5 });
  many(30, (nth) => each(nth % 4));
  const round = () => {
    for (let nth = 0; nth < 41; nth++) {
      if (!open().some(({ address }) => address === each(nth))) come(each(nth));
    }
  };
  round();
  const settled = open();
  for (let times = 0; times < 5; times++) round();
  expect(open()).toEqual(settled);
  expect(new Set(settled.map(({ address }) => address)).size).toBe(30);
});
