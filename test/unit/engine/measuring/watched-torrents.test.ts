import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SwarmDetail, SwarmMeasure } from '../../../../machines/types.js';
import {
  type MeasuredTorrent,
  type Reading,
  WatchedTorrents,
} from '../../../../src/engine/measuring/watched-torrents.js';

let beganMs = 0;

beforeEach(() => {
  vi.useFakeTimers();
  beganMs = performance.now();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

interface FakeTorrent extends MeasuredTorrent {
  now: Reading;
  readonly told: SwarmMeasure[];
  readonly heard: boolean[];
  /** When its details were looked at, counted from each time that somebody asked for them. */
  readonly looks: number[][];
}

const resting: Reading = {
  ...{ bytesTotal: 1_000, bytesDone: 1_000, bytesDown: 0, bytesUp: 0, bytesWasted: 0 },
  ...{ peers: 0, seeds: 0 },
};

const detail: SwarmDetail = {
  pieces: {
    ...{ pieceCount: 1, piecesPerPart: 1, unavailable: 1 },
    ...{ verified: [0], underWay: [0], copies: [0] },
  },
  peers: [],
  trackers: [],
};

function torrent(letter: string, now: Partial<Reading> = {}): FakeTorrent {
  const told: SwarmMeasure[] = [];
  const heard: boolean[] = [];
  const looks: number[][] = [];
  return {
    infoHash: letter.repeat(40),
    now: { ...resting, ...now },
    told,
    heard,
    looks,
    read() {
      return this.now;
    },
    tell: (measure) => told.push(measure),
    watched: (isWatched) => heard.push(isWatched),
    openDetail() {
      const atMs: number[] = [];
      looks.push(atMs);
      return (nowMs) => {
        atMs.push(Math.round(nowMs - beganMs));
        return detail;
      };
    },
  };
}

it('tells of one at once and at its pace, but only what is new, and nothing when nobody listens', () => {
  const watches = new WatchedTorrents();
  const one = torrent('a', { bytesDone: 0, bytesDown: 10, peers: 1 });
  watches.joined(one);
  vi.advanceTimersByTime(5_000);
  expect(one.told).toEqual([]);
  watches.watch(one.infoHash, 1_000);
  expect(one.told).toMatchObject([{ bytesDown: 10, downBytesPerSecond: 0, peers: 1 }]);
  one.now = { ...one.now, bytesDown: 510, bytesDone: 500 };
  vi.advanceTimersByTime(1_000);
  expect(one.told.at(-1)).toMatchObject({ bytesDone: 500, downBytesPerSecond: 500, etaSeconds: 1 });
  vi.advanceTimersByTime(20_000);
  expect(one.told.at(-1)).toMatchObject({ downBytesPerSecond: 0, etaSeconds: undefined });
  const rates = one.told.map(({ downBytesPerSecond }) => downBytesPerSecond);
  expect(rates.filter((rate) => rate === 0)).toHaveLength(2);
  watches.watch(one.infoHash, undefined);
  one.now = { ...one.now, bytesDown: 1_000 };
  vi.advanceTimersByTime(5_000);
  expect(one.told).toHaveLength(rates.length);
  expect(one.heard).toEqual([true, false]);
});

it('says nothing of one that is complete, or not looked at yet, and rests', () => {
  const watches = new WatchedTorrents();
  const [complete, unknown] = [torrent('a'), torrent('b', { bytesDone: undefined })];
  const [partial, gave] = [torrent('c', { bytesDone: 5 }), torrent('d', { bytesUp: 7 })];
  for (const each of [complete, unknown, partial, gave]) {
    watches.watch(each.infoHash, 100);
    watches.joined(each);
  }
  vi.advanceTimersByTime(1_000);
  expect([complete, unknown, partial, gave].map(({ told }) => told.length)).toEqual([0, 0, 1, 1]);
  unknown.now = { ...unknown.now, bytesDone: 30 };
  vi.advanceTimersByTime(1_000);
  expect(unknown.told).toMatchObject([{ bytesDone: 30 }]);
  watches.close();
});

it('measures those of one pace by one timer, and keeps what it knows of one whose pace changes', () => {
  const watches = new WatchedTorrents();
  const all = ['a', 'b', 'c'].map((letter) => torrent(letter));
  for (const each of all) {
    watches.joined(each);
    watches.watch(each.infoHash, 1_000);
  }
  expect(vi.getTimerCount()).toBe(1);
  const [one] = all;
  if (one === undefined) throw new Error('there are three');
  one.now = { ...one.now, bytesUp: 2_000 };
  vi.advanceTimersByTime(1_000);
  watches.watch(one.infoHash, 500);
  expect(vi.getTimerCount()).toBe(2);
  expect(one.told.map(({ upBytesPerSecond }) => upBytesPerSecond)).toEqual([2_000]);
  expect(one.heard).toEqual([true]);
  one.now = { ...one.now, bytesUp: 3_000 };
  vi.advanceTimersByTime(500);
  expect(one.told.at(-1)?.upBytesPerSecond).toBe(2_000);
  for (const each of all) watches.left(each);
  expect(vi.getTimerCount()).toBe(0);
});

it('watches whoever joins later, in place of a stay that is being left', () => {
  const watches = new WatchedTorrents();
  const before = torrent('a', { peers: 1 });
  const after = torrent('a', { peers: 2 });
  watches.watch(before.infoHash, 100);
  watches.joined(before);
  watches.joined(after);
  watches.left(before);
  after.now = { ...after.now, peers: 3 };
  vi.advanceTimersByTime(100);
  expect(before.told).toMatchObject([{ peers: 1 }]);
  expect(after.told).toMatchObject([{ peers: 2 }, { peers: 3 }]);
  watches.close();
});

it('lets one be watched that is not measured', () => {
  const watches = new WatchedTorrents();
  const one = torrent('a', { peers: 1 });
  watches.joined(one);
  watches.watch(one.infoHash, Number.POSITIVE_INFINITY);
  expect([one.heard, one.told, vi.getTimerCount()]).toEqual([[true], [], 0]);
  watches.watch(one.infoHash, 100);
  watches.watch(one.infoHash, Number.POSITIVE_INFINITY);
  expect([one.heard, one.told.length, vi.getTimerCount()]).toEqual([[true], 1, 0]);
});

it('tells who listens anew that those whom the last one heard of are gone', () => {
  const watches = new WatchedTorrents();
  const one = torrent('a', { peers: 3 });
  watches.joined(one);
  watches.watch(one.infoHash, 100);
  watches.watch(one.infoHash, undefined);
  one.now = resting;
  watches.watch(one.infoHash, 100);
  expect(one.told.map(({ peers }) => peers)).toEqual([3, 0]);
  watches.close();
});

it('looks at what a swarm is made of only where that was asked for, once a second, and tells it though nothing is new', () => {
  const watches = new WatchedTorrents();
  const [one, other] = [torrent('a'), torrent('b')];
  for (const each of [one, other]) watches.joined(each);
  watches.watch(other.infoHash, 100);
  watches.watch(one.infoHash, 100, true);
  vi.advanceTimersByTime(2_500);
  expect([one.looks, other.looks]).toEqual([[[0, 900, 1_800]], []]);
  expect(one.told.map((measure) => measure.detail)).toEqual([detail, detail, detail]);
  watches.watch(one.infoHash, 500, true);
  vi.advanceTimersByTime(1_000);
  expect(one.looks).toEqual([[0, 900, 1_800, 3_000]]);
  watches.watch(one.infoHash, 500, false);
  vi.advanceTimersByTime(5_000);
  expect(one.told).toHaveLength(4);
  watches.watch(one.infoHash, 500, true);
  watches.watch(one.infoHash, undefined);
  expect(one.looks).toEqual([[0, 900, 1_800, 3_000], [8_500]]);
  watches.close();
});

it('looks closely at whoever joins while that is asked for, and says no details of what is new in between', () => {
  const watches = new WatchedTorrents();
  const one = torrent('a', { peers: 1 });
  watches.watch(one.infoHash, 100, true);
  watches.joined(one);
  one.now = { ...one.now, peers: 2 };
  vi.advanceTimersByTime(100);
  expect(one.told.map(({ peers, ...measure }) => [peers, 'detail' in measure])).toEqual([
    [1, true],
    [2, false],
  ]);
  watches.close();
});
