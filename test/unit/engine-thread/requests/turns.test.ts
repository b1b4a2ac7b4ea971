// When each request goes to an engine after one has run out of memory. The clock is the test's.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mostAskedATurn, Turns } from '../../../../src/engine-thread/requests/turns.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function torrents(...pieces: readonly number[]) {
  const turns = new Turns(1_000);
  const posted: number[] = [];
  const add = (id: number, pieces: number) =>
    turns.add({
      ...{ id, amount: pieces, infoHash: `${id}` },
      post: () => posted.push(id),
      wait: () => {},
    });
  pieces.forEach((each, index) => {
    add(index + 1, each);
  });
  turns.open();
  return { turns, posted, add };
}

function afterDeath(...pieces: readonly number[]) {
  const all = torrents(...pieces);
  all.turns.close();
  all.turns.beOneByOne();
  all.posted.length = 0;
  all.turns.open();
  return all;
}

describe('one by one', () => {
  it('lets the next one join when the one before is settled, or has lived for a moment', () => {
    const { turns, posted } = afterDeath(30, 10, 20);
    expect(posted).toEqual([2]);
    turns.settled(2);
    expect(posted).toEqual([2, 3]);
    turns.joined(3);
    vi.advanceTimersByTime(250);
    expect(posted).toEqual([2, 3, 1]);
  });

  it('does not wait for ever for one that does not even join, or for one that is removed', () => {
    const { turns, posted } = afterDeath(30, 10, 20);
    vi.advanceTimersByTime(9_999);
    expect(posted).toEqual([2]);
    vi.advanceTimersByTime(1);
    expect(posted).toEqual([2, 3]);
    turns.remove(3);
    expect(posted).toEqual([2, 3, 1]);
  });

  it('holds up no search, and what comes meanwhile waits until all have had their turns', () => {
    const { turns, posted, add } = afterDeath(30, 10, 0);
    expect(posted).toEqual([3, 2]);
    add(4, 0);
    add(5, 1);
    expect(posted).toEqual([3, 2, 4]);
    for (const id of [2, 1, 5]) turns.settled(id);
    expect(posted).toEqual([3, 2, 4, 1, 5]);
    add(6, 1);
    add(7, 1);
    expect(posted.slice(-2)).toEqual([6, 7]);
  });

  it('names the one that joins when the engine dies, else the heaviest', () => {
    const { turns } = afterDeath(30, 10, 20);
    expect(turns.suspect).toBe('1');
    turns.settled(2);
    turns.close();
    expect(turns.suspect).toBe('3');
  });

  it('knows an engine that had lived for a minute with all of them', () => {
    const { turns } = afterDeath(30, 10);
    vi.advanceTimersByTime(20_000);
    turns.close();
    expect(turns.wasCalm).toBe(false);
    turns.open();
    turns.settled(2);
    turns.settled(1);
    vi.advanceTimersByTime(59_999);
    turns.close();
    expect(turns.wasCalm).toBe(false);
    turns.open();
    vi.advanceTimersByTime(60_001);
    turns.close();
    expect(turns.wasCalm).toBe(true);
  });
});

it('gives nobody a turn any more once it is stopped', () => {
  const { turns, posted, add } = torrents(600, 600);
  expect(posted).toEqual([1]);
  turns.stop();
  turns.giveBack(1);
  turns.open();
  add(3, 1);
  expect(posted).toEqual([1, 3]);
});

describe('many', () => {
  const many = Array.from({ length: 3 * mostAskedATurn - 1 }, () => 1);

  it('are asked for in slices, in their order, and whoever comes meanwhile comes last', () => {
    const turns = new Turns(10_000);
    const posted: number[] = [];
    const add = (id: number) =>
      turns.add({
        ...{ id, amount: 1, infoHash: `${id}` },
        post: () => posted.push(id),
        wait: () => {},
      });
    for (const [index] of many.entries()) add(index);
    turns.open();
    expect(posted).toHaveLength(mostAskedATurn);
    add(many.length);
    expect(posted).toHaveLength(mostAskedATurn);
    vi.advanceTimersToNextTimer();
    expect(posted).toHaveLength(2 * mostAskedATurn);
    vi.runAllTimers();
    expect(posted).toEqual([...many, 1].map((_, index) => index));
  });

  it('are told that they wait for memory only when all have been asked for that fit', () => {
    const turns = new Turns(150);
    const told: number[] = [];
    for (const [index] of many.entries()) {
      turns.add({
        ...{ id: index, amount: 1, infoHash: `${index}` },
        post: () => {},
        wait: () => told.push(index),
      });
    }
    turns.open();
    expect(told).toEqual([]);
    vi.runAllTimers();
    expect(told).toEqual(many.map((_, index) => index).slice(150));
  });

  it('are all asked for again where the engine ends in between', () => {
    const { turns, posted } = torrents(...Array.from({ length: 250 }, () => 1));
    turns.close();
    vi.runAllTimers();
    expect(posted).toHaveLength(mostAskedATurn);
    turns.open();
    vi.runAllTimers();
    expect(new Set(posted).size).toBe(250);
  });
});
