import { expect, it } from 'vitest';
import { createDeferred } from '../../../src/async/deferred.js';
import { serialize } from '../../../src/async/serialize.js';

it('runs tasks of one key one after the other, however they end, and those of others beside them', async () => {
  const first = createDeferred<void>();
  const begun: string[] = [];
  const task =
    (name: string, until: Promise<void> = Promise.resolve()) =>
    async () => {
      begun.push(name);
      await until;
      return name;
    };
  const failing = serialize('a', task('a1', first.promise));
  const second = serialize('a', task('a2'));
  expect(await serialize('b', task('b1'))).toBe('b1');
  expect(begun).toEqual(['a1', 'b1']);
  first.reject(new Error('no luck'));
  await expect(failing).rejects.toThrow('no luck');
  expect(await second).toBe('a2');
  expect(await serialize('a', task('a3'))).toBe('a3');
});
