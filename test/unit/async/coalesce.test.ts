import { expect, it } from 'vitest';
import { coalesce } from '../../../src/async/coalesce.js';
import { createDeferred } from '../../../src/async/deferred.js';

it('runs once more for all who ask while it is under way, and never twice at once', async () => {
  const runs = [createDeferred<void>(), createDeferred<void>(), createDeferred<void>()];
  let begun = 0;
  const run = coalesce(() => runs[begun++]?.promise ?? Promise.resolve());
  const first = run();
  await expect.poll(() => begun).toBe(1);
  const later = [run(), run(), run()];
  expect(new Set(later).size).toBe(1);
  runs[0]?.reject(new Error('no luck'));
  await expect(first).rejects.toThrow('no luck');
  await expect.poll(() => begun).toBe(2);
  runs[1]?.resolve();
  await Promise.all(later);
  expect(begun).toBe(2);
});
