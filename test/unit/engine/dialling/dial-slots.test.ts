import { beforeEach, describe, expect, it } from 'vitest';
import type {
  DialSlot,
  DialSlots,
  TorrentSlots,
} from '../../../../src/engine/dialling/contender.js';
import { createDialSlots } from '../../../../src/engine/dialling/dial-slots.js';
import type { DialTurn } from '../../../../src/engine/dialling/known-peers/known-peers.js';
import { dialLimits } from '../../../../src/limits.js';

const { connections, connectionsPerTorrent, halfOpen, halfOpenPerTorrent } = dialLimits;

interface Dial {
  readonly slot: DialSlot;
  usefulBytes: number;
  isDisplaced: boolean;
}

let nowMs = 0;
beforeEach(() => {
  nowMs = 0;
});

/** A torrent with so many peers to dial of each kind. */
class Torrent {
  readonly dials: Dial[] = [];
  readonly peers: Record<DialTurn, number>;
  isStarving = true;
  readonly #slots: TorrentSlots;

  constructor(slots: DialSlots, first: number, again = 0, log: Torrent[] = []) {
    this.peers = { first, again };
    this.#slots = slots.enter({
      dial: (turn) => {
        if (this.peers[turn] === 0) return false;
        this.peers[turn] -= 1;
        this.#dial();
        log.push(this);
        return true;
      },
      has: (turn) => this.peers[turn] > 0,
      isStarving: () => this.isStarving,
    });
    this.want();
  }

  want(): void {
    this.#slots.want();
  }

  get open(): readonly Dial[] {
    return this.dials.filter(({ isDisplaced }) => !isDisplaced);
  }

  /** Everybody that it has dialled is a peer. */
  async prove(): Promise<void> {
    for (const { slot } of this.open) slot.proven();
    await settled();
  }

  /** Nobody has answered. */
  async fail(): Promise<void> {
    for (const { slot } of this.dials.splice(0)) slot.release();
    await settled();
  }

  #dial(): void {
    const dial: Dial = {
      usefulBytes: 0,
      isDisplaced: false,
      slot: this.#slots.take({
        get usefulBytes() {
          return dial.usefulBytes;
        },
        displace() {
          dial.isDisplaced = true;
          dial.slot.release();
        },
      }),
    };
    this.dials.push(dial);
  }
}

const slotsNow = () => createDialSlots(dialLimits.connections, () => nowMs);
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Has torrents take everything there is. */
async function fill(slots: DialSlots, count: number, peers = 1_000): Promise<Torrent[]> {
  const torrents = Array.from({ length: count }, () => new Torrent(slots, peers));
  await settled();
  for (let round = 0; round < 20; round += 1) for (const each of torrents) await each.prove();
  return torrents;
}

const openOf = (torrents: readonly Torrent[]) => torrents.map(({ open }) => open.length);
const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);

describe('half-open connections', () => {
  it('leave half of them to other torrents', async () => {
    const slots = slotsNow();
    const dead = new Torrent(slots, 200);
    await settled();
    const other = new Torrent(slots, 200);
    const late = new Torrent(slots, 1);
    await settled();
    expect(openOf([dead, other, late])).toEqual([halfOpenPerTorrent, halfOpen - 16, 1]);
  });

  it('are given to one torrent after the other', async () => {
    const slots = slotsNow();
    const log: Torrent[] = [];
    const torrents = Array.from({ length: 40 }, () => new Torrent(slots, 200, 0, log));
    await settled();
    expect(log).toEqual(torrents.slice(0, halfOpen));
    const [first] = torrents;
    await first?.fail();
    expect(log.at(-1)).toBe(torrents[halfOpen]);
  });

  it('are for peers never tried first, of whatever torrent', async () => {
    const slots = slotsNow();
    const log: Torrent[] = [];
    const [again, both, first] = [
      new Torrent(slots, 0, 5, log),
      new Torrent(slots, 1, 1, log),
      new Torrent(slots, 2, 0, log),
    ];
    await settled();
    expect(log).toEqual([both, first, first, again, both, again, again, again, again]);
  });
});

describe('connections that stand', () => {
  it('are shared by torrents that all want more', async () => {
    const torrents = await fill(slotsNow(), 50);
    expect(openOf(torrents)).toEqual(torrents.map(() => connections / 50));
  });

  it('are no more than so many of one torrent', async () => {
    const [alone] = await fill(slotsNow(), 1);
    expect(alone?.open).toHaveLength(connectionsPerTorrent);
  });

  it('go on to the next of very many torrents without a look at all of them', async () => {
    const slots = slotsNow();
    const torrents = Array.from({ length: 20_000 }, () => new Torrent(slots, 1));
    await settled();
    // Whoever looks at all who wait, whenever one has gone, is not done within the time that a test has.
    for (const [nth, { dials }] of torrents.entries()) {
      for (const { slot } of dials) slot.proven();
      for (const { slot } of torrents[nth - connections + 15]?.dials ?? []) slot.release();
      await Promise.resolve();
    }
    expect(sum(openOf(torrents))).toBe(torrents.length);
  });

  it('are given up by whoever has the most for a torrent that has none', async () => {
    const slots = slotsNow();
    const rich = await fill(slots, 4);
    expect(sum(openOf(rich))).toBe(connections);
    const poor = new Torrent(slots, 1);
    await settled();
    // Nobody has to go for a peer that may not be there.
    expect(poor.dials).toHaveLength(1);
    expect(sum(openOf(rich))).toBe(connections);
    await poor.prove();
    expect(openOf([poor])).toEqual([1]);
    expect(sum(openOf(rich))).toBe(connections - 1);
  });

  it('are not tried beyond their number for a torrent that is served as it is', async () => {
    const slots = slotsNow();
    await fill(slots, 4);
    const served = new Torrent(slots, 1);
    served.isStarving = false;
    await settled();
    expect(served.dials).toEqual([]);
  });

  it('go in turns where each of too many torrents has one', async () => {
    const slots = slotsNow();
    const torrents = await fill(slots, connections, 1);
    const late = new Torrent(slots, 1);
    await settled();
    // They were made a moment ago: it has to wait.
    expect(late.dials).toEqual([]);
    nowMs += dialLimits.turnMs;
    late.want();
    await settled();
    await late.prove();
    expect(openOf([late])).toEqual([1]);
    expect(sum(openOf(torrents))).toBe(connections - 1);
  });

  it('make room for other peers of the same torrent once they are of no use', async () => {
    const slots = slotsNow();
    const torrent = new Torrent(slots, connectionsPerTorrent);
    await settled();
    for (let round = 0; round < 10; round += 1) await torrent.prove();
    expect(torrent.open).toHaveLength(connectionsPerTorrent);
    torrent.peers.first = 1;
    torrent.want();
    await settled();
    expect(torrent.dials).toHaveLength(connectionsPerTorrent);
    nowMs += dialLimits.uselessMs;
    torrent.want();
    await settled();
    expect(torrent.dials).toHaveLength(connectionsPerTorrent + 1);
    await torrent.prove();
    expect(torrent.open).toHaveLength(connectionsPerTorrent);
    expect(torrent.dials.at(-1)?.isDisplaced).toBe(false);
  });
});

it('a torrent that has left is not there to be told that it may dial', () => {
  const contender = { dial: () => false, has: () => false, isStarving: () => false };
  const torrent = slotsNow().enter(contender);
  expect(torrent.want()).toBe(true);
  torrent.leave();
  expect(torrent.want()).toBe(false);
});
