import { describe, expect, it } from 'vitest';
import { createSlices, forEachInSlices } from '../../../src/async/slices.js';
import { countTurns, mostInATurn } from '../../support/turns.js';

describe('work in slices', () => {
  it('is done at once as far as the turn has room, and the rest so many items a turn, in order', async () => {
    const turns = countTurns();
    const waiting: number[] = [];
    const done: { item: number; turn: number }[] = [];
    const work = () => {
      while (waiting.length > 0 && slices.take()) {
        done.push({ item: waiting.shift() ?? -1, turn: turns.current() });
      }
    };
    const slices = createSlices(3, work);
    const push = (item: number) => {
      waiting.push(item);
      work();
    };
    for (let item = 0; item < 10; item += 1) push(item);
    expect(done.map(({ item }) => item)).toEqual([0, 1, 2]);
    await turns.until(() => waiting.length === 0);
    expect(done.map(({ item }) => item)).toEqual([...Array(10).keys()]);
    expect(mostInATurn(done.map(({ turn }) => turn))).toBe(3);
  });

  it('leaves nobody waiting who comes when a turn is full', async () => {
    const turns = countTurns();
    let calls = 0;
    const slices = createSlices(1, () => {
      calls += 1;
    });
    expect([slices.take(), slices.take(), slices.take()]).toEqual([true, false, false]);
    await turns.until(() => calls > 0);
    expect(slices.take()).toBe(true);
    await turns.pass(3);
    expect(calls).toBe(1);
  });

  it('of what lies there takes so many items a turn, and ends with what is thrown', async () => {
    const turns = countTurns();
    const done: { item: number; turn: number }[] = [];
    await forEachInSlices(4, Array(18).keys(), (item) => {
      done.push({ item, turn: turns.current() });
    });
    expect(done.map(({ item }) => item)).toEqual([...Array(18).keys()]);
    expect(mostInATurn(done.map(({ turn }) => turn))).toBe(4);
    const failing = forEachInSlices(4, [1, 2, 3], (item) => {
      if (item === 2) throw new Error('the second');
      done.push({ item, turn: -1 });
    });
    await expect(failing).rejects.toThrow('the second');
    expect(done.filter(({ turn }) => turn === -1)).toHaveLength(1);
  });
});
