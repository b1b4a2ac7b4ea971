import { expect, it } from 'vitest';
import { createDeferred } from '../../../src/async/deferred.js';
import { limitConcurrency } from '../../../src/async/limit-concurrency.js';

it('lets a few tasks run, the next when one of them has ended, however it ended', async () => {
  const limit = limitConcurrency(2);
  const tasks = Array.from({ length: 5 }, () => createDeferred<number>());
  const begun: number[] = [];
  const results = tasks.map((task, nth) =>
    limit(() => {
      begun.push(nth);
      return task.promise;
    }),
  );
  const outcomes = Promise.allSettled(results);
  expect(begun).toEqual([0, 1]);
  tasks[1]?.reject(new Error('bad luck'));
  await expect(results[1]).rejects.toThrow('bad luck');
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const [nth, task] of tasks.entries()) task.resolve(nth);
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});
