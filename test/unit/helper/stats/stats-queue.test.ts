import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { jobStats } from '../../../../src/helper/stats/job-stats.js';
import { StatsQueue } from '../../../../src/helper/stats/stats-queue.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Its numbers are those of the moment in which they are looked at. */
function job(id: number) {
  return {
    id,
    percent: 0,
    lengthBytes: 100,
    get stats() {
      return jobStats(this);
    },
  };
}

it('gives what comes in one turn together, and then no sooner than a pace later', async () => {
  const queue = new StatsQueue(1_000);
  const [one, two] = [job(1), job(2)];
  queue.push(one);
  queue.push(two);
  expect((await queue.next())?.map(({ id }) => id)).toEqual([1, 2]);
  const read = vi.fn();
  const reading = queue.next().then(read);
  one.percent = 3;
  queue.push(one);
  await vi.advanceTimersByTimeAsync(899);
  expect(read).not.toHaveBeenCalled();
  one.percent = 4;
  queue.push(one);
  await vi.advanceTimersByTimeAsync(1);
  await reading;
  expect(read).toHaveBeenCalledWith([expect.objectContaining({ id: 1, percent: 4, coalesced: 0 })]);
  queue.close();
});

it('gives a slow reader the newest of each, and says how many it has missed', async () => {
  const queue = new StatsQueue(100);
  const [one, two] = [job(1), job(2)];
  queue.push(one);
  queue.push(two);
  for (let percent = 1; percent <= 3; percent++) {
    await vi.advanceTimersByTimeAsync(100);
    one.percent = percent;
    queue.push(one);
  }
  await vi.advanceTimersByTimeAsync(100);
  expect(await queue.next()).toMatchObject([
    { id: 1, percent: 3, coalesced: 3 },
    { id: 2, percent: 0, coalesced: 0 },
  ]);
  queue.close();
});

it('keeps nothing of a job that is over, unless it is the last that is said', async () => {
  const queue = new StatsQueue(100);
  const [one, two] = [job(1), job(2)];
  queue.push(one);
  queue.push(two);
  queue.drop(one);
  expect((await queue.next())?.map(({ id }) => id)).toEqual([2]);
  queue.end(two);
  queue.push(one);
  expect((await queue.next())?.map(({ id }) => id)).toEqual([2]);
  expect(await queue.next()).toBeUndefined();
});

it('ends at once when it is closed, whoever waits', async () => {
  const queue = new StatsQueue(100);
  const waiting = queue.next();
  queue.push(job(1));
  queue.close();
  expect(await waiting).toBeUndefined();
  queue.push(job(1));
  expect(await queue.next()).toBeUndefined();
});
