// Who is let in, who waits, and for how long.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Choker } from '../../../../../src/engine/data-path/upload/choker.js';
import {
  ChokerWorld,
  type HandmadeChokedPeer,
} from '../../../../support/data-path/handmade-choker.js';

const KiB = 1024;
const slots = 8;
const newcomerSlots = 4;

let world: ChokerWorld;

beforeEach(() => {
  world = new ChokerWorld();
});

afterEach(() => {
  world.choker.close();
});

const whoIsChoked = (peers: readonly HandmadeChokedPeer[]) => peers.map(({ isChoked }) => isChoked);

describe('slots', () => {
  it('that are free are given at once, and no more than there are', () => {
    const peers = world.join(slots + 2);
    expect(whoIsChoked(peers)).toEqual(peers.map((_, nth) => nth >= slots));
    expect(world.choker.counts).toEqual({ unchoked: slots, waiting: 2, slots });
  });

  it('are few where little may be sent', () => {
    const slow = new ChokerWorld(10 * KiB);
    slow.join(20);
    expect(slow.choker.counts).toEqual({ unchoked: 4, waiting: 16, slots: 4 });
    slow.choker.close();
  });

  it('that are full let four newcomers in beside them', () => {
    const old = world.join(slots + 1);
    const newcomers = world.join(newcomerSlots + 1, { isNewcomer: true });
    expect(whoIsChoked(newcomers)).toEqual([false, false, false, false, true]);
    expect(old.at(-1)?.isChoked).toBe(true);
  });

  it.each([
    ['wants nothing any more', (peer: HandmadeChokedPeer) => world.choker.wantsNothing(peer)],
    ['is gone', (peer: HandmadeChokedPeer) => world.leave(peer)],
  ])('go to whoever has waited longest when a holder %s', (_, end) => {
    const [first, ...others] = world.join(slots + 3);
    if (first !== undefined) end(first);
    expect(whoIsChoked(others)).toEqual(others.map((__, nth) => nth >= slots));
    end(others[slots] as HandmadeChokedPeer);
    expect(world.choker.counts).toMatchObject({ unchoked: slots, waiting: 1 });
  });

  it('go to newcomers first', () => {
    const [first] = world.join(slots + 1);
    const newcomers = world.join(newcomerSlots + 1, { isNewcomer: true });
    world.leave(first as HandmadeChokedPeer);
    expect(whoIsChoked(newcomers)).not.toContain(true);
  });

  it('are given to nobody who waited and wants nothing any more', () => {
    const peers = world.join(slots + 1);
    const last = peers.at(-1) as HandmadeChokedPeer;
    world.choker.wantsNothing(last);
    world.leave(peers[0] as HandmadeChokedPeer);
    expect(last.isChoked).toBe(true);
    expect(world.choker.counts).toMatchObject({ unchoked: slots - 1, waiting: 0 });
  });

  it('grow with what goes out while somebody waits, not with what went out before', () => {
    const peers = world.join(slots);
    for (const peer of peers) peer.takenBytes = 2 ** 30;
    world.nowMs += 3_600_000;
    world.join(20);
    world.pass(5);
    expect(world.choker.counts.unchoked).toBe(slots);
    world.lineBytesPerSecond = 2 ** 20;
    world.pass(2);
    expect(world.choker.counts).toMatchObject({ unchoked: slots + 20, waiting: 0 });
  });

  it('that were tried in vain are given up again', () => {
    world.join(40);
    const most = { unchoked: 0 };
    world.pass(19, () => {
      most.unchoked = Math.max(most.unchoked, world.choker.counts.unchoked);
    });
    expect(most.unchoked).toBe(slots + 2);
    world.pass(12);
    expect(world.choker.counts).toEqual({ unchoked: slots, waiting: 40 - slots, slots });
  });

  it('beside the others are for those who are newcomers still', () => {
    world.join(20);
    const newcomers = world.join(newcomerSlots, { isNewcomer: true });
    expect(world.choker.counts.unchoked).toBe(slots + newcomerSlots);
    for (const peer of newcomers) peer.isNewcomer = false;
    world.pass(28);
    expect(world.choker.counts.unchoked).toBe(slots);
  });
});

describe('many of one address', () => {
  const many = { address: '198.51.100.1' };
  const single = { address: '198.51.100.2' };
  const share = slots / 4;
  const unchokedOf = (peers: readonly HandmadeChokedPeer[]) =>
    peers.filter(({ isChoked }) => !isChoked).length;

  it('have all slots while they are alone', () => {
    const peers = world.join(slots + 1, many);
    expect(unchokedOf(peers)).toBe(slots);
  });

  it.each([true, false])(
    'make way at once for others, down to their share (newcomers: %s)',
    (isNewcomer) => {
      const crowd = world.join(40, { ...many, isNewcomer: true });
      const others = world.join(slots, { ...single, isNewcomer });
      expect(unchokedOf(others)).toBe(share);
      const singles = Array.from({ length: 12 }, (_, nth) => `203.0.113.${nth}`);
      const strangers = singles.flatMap((address) => world.join(1, { address, isNewcomer }));
      expect(unchokedOf(strangers)).toBeGreaterThanOrEqual(slots - 2 * share);
      expect(unchokedOf(crowd)).toBe(share);
    },
  );

  it('take turns with each other, and not with one who has but one slot', () => {
    world.join(40, many);
    const [alone] = world.join(1, single);
    world.pass(200);
    expect(alone?.unchokedMs).toEqual([]);
    expect(alone?.isChoked).toBe(false);
    expect(world.peers.every(({ unchokedAtMs }) => unchokedAtMs.length > 0)).toBe(true);
  });

  it('come to each of them, though others there give more', () => {
    const slow = new ChokerWorld(10 * KiB);
    slow.lineBytesPerSecond = 2 ** 20;
    slow.join(1, { takes: 20 * KiB });
    slow.join(3, { ...many, takes: KiB, gives: 100 * KiB });
    slow.join(1, { ...many, takes: 0 });
    slow.join(3, { takes: KiB });
    slow.pass(30 * (slow.peers.length + 2));
    expect(slow.peers.filter(({ unchokedAtMs }) => unchokedAtMs.length === 0)).toEqual([]);
    slow.choker.close();
  });

  it('are put out by nobody if they live on this machine', () => {
    const peers = world.join(slots);
    world.join(4, single);
    expect(unchokedOf(peers)).toBe(slots);
  });
});

describe('turns', () => {
  it('begin after thirty seconds, the longest unchoked with the longest waiting', () => {
    const peers = world.join(40);
    world.secondsUntil(() => world.unchoked.length >= 80, 400);
    // But for those who made way when two slots that were tried in vain were given up again.
    const soon = peers
      .flatMap(({ unchokedMs }) => unchokedMs)
      .filter((unchokedMs) => unchokedMs < 30_000);
    expect(soon.length).toBeLessThanOrEqual(2 * 4);
    const order = world.unchoked.slice(0, 80).map((peer) => peers.indexOf(peer));
    expect(order).toEqual([...peers.keys(), ...peers.keys()]);
  });

  it('choke nobody within ten seconds, whoever comes and gives', () => {
    const random = pseudoRandom();
    world.join(30);
    world.pass(300, () => {
      if (random() < 0.3) world.join(1, { isNewcomer: random() < 0.5 });
      for (const peer of world.peers) {
        if (random() < 0.2) peer.givesBytesPerSecond = Math.floor(random() * 100) * KiB;
        if (random() < 0.05) peer.isNewcomer = false;
      }
    });
    const unchokedMs = world.peers.flatMap(({ unchokedMs }) => unchokedMs);
    expect(unchokedMs.length).toBeGreaterThan(30);
    expect(Math.min(...unchokedMs)).toBeGreaterThanOrEqual(10_000);
  });

  it('leave those who give us most where they are', () => {
    const givers = world.join(6, { gives: 100 * KiB });
    const others = world.join(34, { gives: KiB });
    world.pass(34 * 30);
    expect(givers.flatMap(({ unchokedMs }) => unchokedMs)).toEqual([]);
    expect(others.filter(({ unchokedAtMs }) => unchokedAtMs.length === 0)).toEqual([]);
  });

  it('are given to whoever waits and gives more than others', () => {
    world.join(20);
    const [giver] = world.join(1, { gives: 10 * KiB });
    const seconds = world.secondsUntil(() => giver?.isChoked === false, 12);
    expect(seconds).toBeLessThanOrEqual(11);
  });

  it('come to everyone, however those who give change places', () => {
    const random = pseudoRandom();
    const givers = world.join(20);
    const others = world.join(20);
    world.pass(600, () => {
      for (const peer of givers) peer.givenBytes += Math.floor(random() ** 8 * 1_000) * KiB;
    });
    expect(others.filter(({ unchokedAtMs }) => unchokedAtMs.length === 0)).toEqual([]);
  });

  it('come to those who have pieces, however many newcomers never get one', () => {
    world.join(40, { isNewcomer: true });
    const others = world.join(5);
    world.pass(400);
    expect(others.filter(({ unchokedAtMs }) => unchokedAtMs.length === 0)).toEqual([]);
  });
});

describe('a holder that asks for nothing', () => {
  it('holds no slot after four seconds, though it is not choked', () => {
    const peers = world.join(slots + 1);
    const [idle, ...others] = peers as [HandmadeChokedPeer, ...HandmadeChokedPeer[]];
    world.pass(1);
    idle.takesBytesPerSecond = 0;
    world.pass(3);
    expect(others.at(-1)?.isChoked).toBe(true);
    world.pass(1);
    expect(whoIsChoked(peers)).not.toContain(true);
    expect(world.choker.counts).toMatchObject({ unchoked: slots, waiting: 0 });
  });

  it('keeps nobody out, were there fifty of them', () => {
    const strangers = world.join(50, { takes: 0, isNewcomer: true });
    const [honest] = world.join(1);
    expect(honest?.isChoked).toBe(true);
    world.secondsUntil(() => honest?.isChoked === false, 30);
    expect(strangers.flatMap(({ unchokedMs }) => unchokedMs)).toEqual([]);
  });

  it('is none that waits for what it has asked for', () => {
    const peers = world.join(slots + 1);
    world.lineBytesPerSecond = 0;
    world.pass(9);
    expect(world.choker.counts).toMatchObject({ unchoked: slots, waiting: 1 });
    expect(peers[0]?.isChoked).toBe(false);
  });

  it('holds one again when it asks and there is one', () => {
    const [idle] = world.join(slots, { takes: 0 });
    const [other] = world.join(1);
    world.pass(4);
    expect(world.choker.counts.unchoked).toBe(1);
    world.choker.wants(idle as HandmadeChokedPeer);
    expect(world.choker.counts.unchoked).toBe(2);
    expect([idle?.isChoked, other?.isChoked]).toEqual([false, false]);
    expect(idle?.unchokedAtMs).toHaveLength(1);
  });

  it('is choked when it asks and there is none, and waits', () => {
    const [idle] = world.join(1, { takes: 0 });
    world.join(slots);
    world.pass(4);
    expect(idle?.isChoked).toBe(false);
    world.choker.wants(idle as HandmadeChokedPeer);
    expect(idle?.isChoked).toBe(true);
    expect(world.choker.counts).toMatchObject({ unchoked: slots, waiting: 1 });
    world.leave(world.peers[1] as HandmadeChokedPeer);
    expect(idle?.isChoked).toBe(false);
  });
});

describe('a choker', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('has no timer while nobody waits', () => {
    const [first, ...others] = world.join(slots);
    expect(vi.getTimerCount()).toBe(0);
    const [late] = world.join(1);
    expect(vi.getTimerCount()).toBe(1);
    world.leave(first as HandmadeChokedPeer);
    expect(late?.isChoked).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    world.join(1);
    world.choker.wantsNothing(world.peers.at(-1) as HandmadeChokedPeer);
    expect(vi.getTimerCount()).toBe(0);
    for (const peer of others) world.leave(peer);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks by itself while somebody waits', () => {
    const own = new Choker();
    for (let nth = 0; nth < slots; nth++) own.wants({ ...idlePeer });
    const waiting = { ...idlePeer, unchoke: vi.fn() };
    own.wants(waiting);
    vi.advanceTimersByTime(3_000);
    expect(waiting.unchoke).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2_000);
    expect(waiting.unchoke).toHaveBeenCalledOnce();
    own.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is closed looks at nobody any more', () => {
    world.join(40);
    world.choker.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(world.choker.counts).toMatchObject({ unchoked: 0, waiting: 0 });
  });
});

const idlePeer = {
  address: undefined,
  takenBytes: 0,
  givenBytes: 0,
  isNewcomer: false,
  isAsking: false,
  choke() {},
  unchoke() {},
};

/** The same in each run. */
function pseudoRandom(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('whatever happens', () => {
  const event = fc.record({
    what: fc.constantFrom('join', 'join', 'wants', 'nothing', 'gone', 'piece', 'pass', 'pass'),
    who: fc.nat(),
    isNewcomer: fc.boolean(),
    takes: fc.constantFrom(0, KiB, 20 * KiB, 500 * KiB),
    gives: fc.constantFrom(0, 0, KiB, 5 * KiB, 100 * KiB),
    address: fc.constantFrom(undefined, undefined, '198.51.100.1', '198.51.100.2'),
    seconds: fc.integer({ min: 1, max: 40 }),
  });

  it('there are no more unchoked than slots, and everyone who waits is choked and let in once', () => {
    fc.assert(
      fc.property(
        fc.option(fc.constantFrom(10 * KiB, 10_000 * KiB), { nil: undefined }),
        fc.array(event, { maxLength: 80 }),
        (limit, events) => {
          const each = new ChokerWorld(limit);
          const wanting = new Set<HandmadeChokedPeer>();
          const gone = new Set<HandmadeChokedPeer>();
          each.lineBytesPerSecond = 2 ** 20;
          let tooManySinceMs = each.nowMs;
          const tick = () => {
            const { unchoked, waiting, slots: count } = each.choker.counts;
            const most = count + newcomerSlots;
            // While nobody waits, they are not too many for anybody.
            if (waiting === 0 || unchoked <= most) tooManySinceMs = each.nowMs;
            // Nobody is choked sooner.
            expect(each.nowMs - tooManySinceMs).toBeLessThanOrEqual(10_000);
            expect([...wanting].filter(({ isChoked }) => isChoked)).toHaveLength(waiting);
            // Whoever rests is not choked, and does not count.
            expect(unchoked).toBeLessThanOrEqual(each.peers.filter((one) => !one.isChoked).length);
          };
          for (const { what, who, seconds, ...options } of events) {
            const peer = each.peers[who % Math.max(1, each.peers.length)];
            if (what === 'join') {
              for (const joined of each.join(1 + (who % 6), options)) wanting.add(joined);
            } else if (what === 'pass') {
              for (let second = 0; second < seconds; second++) {
                each.pass(1);
                tick();
              }
            } else if (peer === undefined) continue;
            else if (what === 'wants') {
              wanting.add(peer);
              each.choker.wants(peer);
            } else if (what === 'nothing') {
              wanting.delete(peer);
              each.choker.wantsNothing(peer);
            } else if (what === 'gone') {
              wanting.delete(peer);
              const { length } = peer.unchokedAtMs;
              each.leave(peer);
              gone.add(peer);
              expect(peer.unchokedAtMs).toHaveLength(length);
            } else peer.isNewcomer = false;
            tick();
          }
          const toldGone = [...gone].map((peer) => [
            peer.unchokedMs.length,
            peer.unchokedAtMs.length,
          ]);
          const waiting = new Set([...wanting].filter(({ isChoked }) => isChoked));
          const looks = 30 * (wanting.size + 2);
          for (let nth = 0; nth < looks && waiting.size > 0; nth++) {
            each.pass(1);
            tick();
            for (const peer of waiting) if (!peer.isChoked) waiting.delete(peer);
          }
          expect(waiting.size).toBe(0);
          expect(
            [...gone].map((peer) => [peer.unchokedMs.length, peer.unchokedAtMs.length]),
          ).toEqual(toldGone);
          each.choker.close();
        },
      ),
      { numRuns: 200 },
    );
  });
});
