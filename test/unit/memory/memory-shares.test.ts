import { describe, expect, it } from 'vitest';
import { MemoryShares } from '../../../src/memory/memory-shares.js';

const budget = 6_400;
/** Up to 100 a torrent is a small one here. */
const shareOf = (id: number, amount: number) => ({ id, amount });

/** Torrents that wait, and what becomes of them. */
function line() {
  const shares = new MemoryShares(budget);
  let waiting: { readonly id: number; readonly amount: number }[] = [];
  const call = () => {
    const called = shares.take(waiting);
    waiting = waiting.filter((each) => !called.includes(each));
    return called.map(({ id }) => id);
  };
  return {
    add(id: number, amount: number) {
      waiting.push(shareOf(id, amount));
      return call();
    },
    giveBack(id: number) {
      shares.giveBack(id);
      return call();
    },
  };
}

describe('torrents that wait for memory', () => {
  it('come in their order, as others give back what they had', () => {
    const { add, giveBack } = line();
    expect(add(1, 3_000)).toEqual([1]);
    expect(add(2, 2_000)).toEqual([]);
    expect(add(3, 500)).toEqual([]);
    expect(giveBack(1)).toEqual([2, 3]);
  });

  it('are overtaken by small ones while a quarter is not full of these', () => {
    const { add } = line();
    add(1, 4_000);
    expect(add(2, 4_000)).toEqual([]);
    for (let id = 10; id < 26; id++) expect(add(id, 100)).toEqual([id]);
  });

  it('do not wait for ever for small ones that come and go', () => {
    const { add, giveBack } = line();
    for (let id = 1; id <= 60; id++) add(id, 100);
    expect(add(100, 2_000)).toEqual([]);
    // What was free when it came may be taken, what is given back since may not.
    for (let id = 101; id <= 104; id++) expect(add(id, 100)).toEqual([id]);
    expect(add(105, 100)).toEqual([]);
    const called: number[] = [];
    for (let id = 1; id <= 20 && !called.includes(100); id++) called.push(...giveBack(id));
    expect(called).toEqual([100]);
    expect(giveBack(30)).toEqual([105]);
  });

  it('of the largest kind are there alone, and leave room for small ones', () => {
    const { add, giveBack } = line();
    expect(add(1, 6_300)).toEqual([1]);
    expect(add(2, 101)).toEqual([]);
    expect(add(3, 100)).toEqual([3]);
    expect(giveBack(1)).toEqual([2]);
  });

  it('are not kept waiting by one that is gone', () => {
    const shares = new MemoryShares(budget);
    shares.take([shareOf(1, 4_000)]);
    expect(shares.take([shareOf(2, 4_000), shareOf(3, 2_000)])).toEqual([]);
    shares.giveBack(1);
    expect(shares.take([shareOf(3, 2_000)])).toEqual([shareOf(3, 2_000)]);
  });
});

it('knows which torrent is the heaviest, and which would never fit', () => {
  const shares = new MemoryShares(budget);
  expect(shares.heaviest).toBeUndefined();
  shares.take([shareOf(1, 0), shareOf(2, 500), shareOf(3, 20)]);
  expect(shares.heaviest).toBe(2);
  shares.giveBack(2);
  expect(shares.heaviest).toBe(3);
  expect(shares.isTooLarge(budget)).toBe(false);
  expect(shares.isTooLarge(budget + 1)).toBe(true);
});
