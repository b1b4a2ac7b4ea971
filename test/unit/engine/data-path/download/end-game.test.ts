// The end of a download, when all that is missing is asked of somebody already; and peers that are silent.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Block,
  type HandmadePeer,
  isSame,
} from '../../../../support/data-path/handmade-peer.js';
import { HandmadeSwarm } from '../../../../support/data-path/handmade-swarm.js';
import { KiB } from '../../../../support/sizes.js';

function first(peer: HandmadePeer): Block {
  const [block] = peer.asked;
  if (block === undefined) throw new Error(`${peer.sender.host} was asked for nothing`);
  return block;
}

function expectAllThere(swarm: HandmadeSwarm): void {
  expect(swarm.violations).toEqual([]);
  expect(swarm.isComplete).toBe(true);
  expect(swarm.disk.equals(swarm.content)).toBe(true);
  expect(swarm.written).toHaveLength(swarm.pieceCount);
  expect(swarm.buffers.usedBytes).toBe(0);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('when everything is asked of somebody', () => {
  it('an idle peer is asked for one block at a time, each time for another', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 64 * KiB });
    const slow = swarm.peer();
    const quick = swarm.peer();
    expect(slow.asked).toHaveLength(4);
    const asked: Block[] = [];
    while (!swarm.download.isOver && quick.asked.length > 0) {
      expect(quick.asked).toHaveLength(1);
      asked.push(first(quick));
      quick.sendNext();
      await swarm.settled();
    }
    expect(new Set(asked.map(({ offsetBytes }) => offsetBytes)).size).toBe(4);
    expectAllThere(swarm);
  });

  it('who has not sent it first is told that it need not', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 32 * KiB });
    const slow = swarm.peer();
    const quick = swarm.peer();
    const both = first(quick);
    quick.send(both);
    expect(slow.cancelled).toEqual([both]);
    expect(quick.cancelled).toEqual([]);
    slow.send(first(slow));
    expect(quick.cancelled).toHaveLength(1);
    await swarm.settled();
    expectAllThere(swarm);
  });

  it('no block is asked of a third', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 16 * KiB });
    swarm.peer();
    swarm.peer();
    const third = swarm.peer();
    expect(third.asked).toEqual([]);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('one that has never sent anything makes way for one that has', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 48 * KiB });
    const [silent, silentToo, honest] = [swarm.peer(), swarm.peer(), swarm.peer()];
    expect([silent, silentToo, honest].map(({ asked }) => asked.length)).toEqual([3, 1, 1]);
    const twice = first(silentToo);
    for (let sent = 0; sent < 3; sent += 1) {
      honest.sendNext();
      await swarm.settled();
    }
    expect(silentToo.cancelled).toContainEqual(twice);
    expectAllThere(swarm);
  });

  it('one that was told that it need not send is asked for another block at once', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 64 * KiB });
    const seeder = swarm.peer();
    const helper = swarm.peer();
    seeder.send(first(helper));
    await swarm.settled();
    expect(helper.cancelled).toHaveLength(1);
    expect(helper.asked).toHaveLength(1);
    expect(seeder.asked.some((block) => isSame(block, first(helper)))).toBe(true);
  });

  it('an idle peer is asked for a block as soon as the last one has been asked of another', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 2, pieceLengthBytes: 16 * KiB });
    swarm.peer([0]);
    const idle = swarm.peer([0]);
    expect(idle.asked).toEqual([]);
    swarm.peer([1]);
    await swarm.settled();
    expect(idle.asked).toEqual([{ index: 0, offsetBytes: 0, lengthBytes: 16 * KiB }]);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('what a peer that hangs up owes is left to the one that is asked too', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 16 * KiB });
    const quitter = swarm.peer();
    const other = swarm.peer();
    quitter.leave();
    await swarm.settled();
    expect(other.everAsked).toBe(1);
    await swarm.run();
    expectAllThere(swarm);
  });
});

describe('a silent peer', () => {
  const start = () => performance.now();

  it('keeps what it is asked for as long as nobody else has time', () => {
    const swarm = new HandmadeSwarm({ pieceCount: 100, pieceLengthBytes: 16 * KiB });
    const silent = swarm.peer();
    const busy = swarm.peer();
    silent.pipeline.tick(start() + 5_000);
    expect(silent.asked).toHaveLength(8);
    expect(busy.asked).toHaveLength(8);
    expect(silent.pipeline.isGiving).toBe(true);
  });

  it('is not snubbed before four seconds are over', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 8, pieceLengthBytes: 16 * KiB });
    const silent = swarm.peer();
    const idle = swarm.peer();
    idle.choke();
    idle.unchoke();
    idle.reject(first(idle));
    silent.pipeline.tick(start() + 3_900);
    expect(silent.pipeline.isGiving).toBe(true);
  });

  it('is snubbed once another has time: that one is asked for all of it, and what comes late is taken first', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 8, pieceLengthBytes: 16 * KiB });
    const silent = swarm.peer();
    const owed = [...silent.asked];
    expect(owed).toHaveLength(8);
    const other = swarm.peer();
    other.reject(first(other));
    expect(other.pipeline.isIdle).toBe(true);
    silent.pipeline.tick(start() + 4_100);
    await swarm.settled();
    expect(other.asked).toHaveLength(8);
    expect(silent.asked).toEqual(owed);
    expect(silent.send(first(silent))).toBe(true);
    expect(other.cancelled).toEqual([owed[0]]);
    expect(silent.pipeline.isGiving).toBe(true);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('that holds a block together with another silent one does not keep a third from being asked', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 16 * KiB });
    const [silent, silentToo, honest] = [swarm.peer(), swarm.peer(), swarm.peer()];
    expect([silent, silentToo, honest].map(({ asked }) => asked.length)).toEqual([1, 1, 0]);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(honest.asked).toHaveLength(1);
    honest.sendNext();
    await swarm.settled();
    expectAllThere(swarm);
  });

  it('that sends again is not asked twice for what it owes', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 12, pieceLengthBytes: 16 * KiB });
    const silent = swarm.peer();
    const other = swarm.peer([...Array(12).keys()].slice(0, 6), { reqq: 1 });
    while (other.asked.length > 0) other.sendNext();
    await swarm.settled();
    silent.pipeline.tick(start() + 4_100);
    silent.sendNext();
    await swarm.settled();
    expect(swarm.violations).toEqual([]);
    silent.leave();
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('loses the block that is coming in, the rest of which goes nowhere', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 32 * KiB });
    const silent = swarm.peer();
    const other = swarm.peer([0]);
    expect(silent.beginToSend(first(silent))).toBe(true);
    other.reject(first(other));
    silent.pipeline.tick(start() + 4_100);
    expect(silent.endSending((bytes) => bytes.fill(0))).toBe(false);
    await swarm.settled();
    expect(other.asked).toHaveLength(2);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('is hung up on after half a minute, and others are asked', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 40, pieceLengthBytes: 16 * KiB });
    const silent = swarm.peer();
    silent.pipeline.tick(start() + 29_900);
    expect(silent.isClosed).toBe(false);
    silent.pipeline.tick(start() + 30_100);
    expect(silent.isClosed).toBe(true);
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('is hung up on even if it owes nothing but what another is asked for too', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 8, pieceLengthBytes: 16 * KiB });
    const silent = swarm.peer();
    const other = swarm.peer();
    other.reject(first(other));
    silent.pipeline.tick(start() + 4_100);
    await swarm.settled();
    silent.pipeline.tick(start() + 30_100);
    expect(silent.isClosed).toBe(true);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('that is asked for nothing is no silent one', () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 16 * KiB });
    const waiting = swarm.peer([]);
    waiting.pipeline.tick(start() + 60_000);
    expect(waiting.isClosed).toBe(false);
  });

  it('is looked at every second as long as anybody is there', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 16 * KiB });
    const silent = swarm.peer();
    vi.advanceTimersByTime(30_000);
    expect(silent.isClosed).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(silent.isClosed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that trickles, a block in five seconds, gives its blocks all the same while another has nothing to give', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 2, pieceLengthBytes: 16 * KiB });
    swarm.peer([]);
    const trickling = swarm.peer();
    for (let nth = 0; nth < 2; nth++) {
      expect(trickling.beginToSend(first(trickling))).toBe(true);
      vi.advanceTimersByTime(5_000);
      expect(trickling.endSending()).toBe(true);
      await swarm.settled();
    }
    expectAllThere(swarm);
  });
});

describe('the depth', () => {
  it('follows the rate at which a peer sends: two seconds ahead', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1_000, pieceLengthBytes: 16 * KiB });
    const peer = swarm.peer();
    for (let nth = 0; nth < 100; nth++) peer.sendNext();
    expect(peer.asked.length).toBeGreaterThan(90);
    // Ten blocks a second from now on.
    for (let tenth = 0; tenth < 300; tenth++) {
      vi.advanceTimersByTime(100);
      peer.sendNext();
      await swarm.settled();
    }
    expect(peer.asked.length).toBeGreaterThan(15);
    expect(peer.asked.length).toBeLessThan(40);
    await swarm.run();
    expectAllThere(swarm);
  });
});
