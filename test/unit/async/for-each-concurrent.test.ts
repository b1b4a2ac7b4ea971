import { describe, expect, it } from 'vitest';
import { forEachConcurrent } from '../../../src/async/for-each-concurrent.js';

describe('tasks for many items', () => {
  it('are each done once, no more at a time than is allowed, no slot twice at once', async () => {
    const done: number[] = [];
    const busy = new Set<number>();
    let most = 0;
    await forEachConcurrent(3, Array(20).keys(), async (item, slot) => {
      expect(busy.has(slot)).toBe(false);
      busy.add(slot);
      most = Math.max(most, busy.size);
      await new Promise(setImmediate);
      busy.delete(slot);
      done.push(item);
    });
    expect(most).toBe(3);
    expect(done.sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
  });

  it('stop at the first failure, and reject with it once those under way have ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const tasks = forEachConcurrent(2, Array(10).keys(), async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('the second');
      await new Promise(setImmediate);
      ended.push(item);
    });
    await expect(tasks).rejects.toThrow('the second');
    expect([begun, ended]).toEqual([[0, 1], [0]]);
  });

  it('let others have the event loop, though nothing is waited for', async () => {
    let immediates = 0;
    const tick = () => {
      immediates++;
      if (immediates < 1000) setImmediate(tick);
    };
    setImmediate(tick);
    await forEachConcurrent(1, Array(5000).keys(), async () => {});
    expect(immediates).toBeGreaterThan(5);
  });
});
