// A queue of requests against one that looks through all of them.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CacheEntry } from '../../../../../src/engine/data-path/upload/read-cache/cache-entry.js';
import {
  BlockRequest,
  UploadQueue,
} from '../../../../../src/engine/data-path/upload/upload-queue.js';

const entry: CacheEntry = { startBytes: 0, lengthBytes: 0, bytes: new Uint8Array(), state: 'read' };

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ add: fc.nat(8), lengthBytes: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ cancel: fc.nat(8), lengthBytes: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.constant('read' as const) },
  { weight: 2, arbitrary: fc.constant('serve' as const) },
  { weight: 1, arbitrary: fc.constant('cancel all' as const) },
);

it('serves what was asked for in its order, less what was cancelled in time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.boolean(), (steps, isHuge) => {
      // Where different blocks share a key.
      const base = isHuge ? 2 ** 50 : 0;
      const queue = new UploadQueue();
      let asked: BlockRequest[] = [];
      let cancelled = new Set<BlockRequest>();
      for (const each of steps) {
        if (each === 'read') {
          const { next } = queue;
          expect(next).toBe(asked.find((one) => one.entry === undefined && !cancelled.has(one)));
          if (next === undefined) continue;
          next.entry = entry;
          queue.advance();
        } else if (each === 'serve') {
          const first = asked.find((one) => one.entry !== undefined);
          expect(queue.first).toBe(first);
          expect(first?.isCancelled ?? false).toBe(first !== undefined && cancelled.has(first));
          if (first === undefined) continue;
          queue.shift();
          asked = asked.filter((one) => one !== first);
        } else if (each === 'cancel all') {
          expect(queue.cancelAll()).toEqual(asked.filter((one) => !cancelled.has(one)));
          asked = asked.filter((one) => one.entry !== undefined);
          cancelled = new Set(asked);
        } else if ('add' in each) {
          const request = new BlockRequest(0, each.add, each.lengthBytes, base + each.add);
          queue.add(request);
          asked.push(request);
        } else {
          const found = asked.findLast(
            (one) =>
              one.offsetBytes === each.cancel &&
              one.lengthBytes === each.lengthBytes &&
              !cancelled.has(one),
          );
          expect(queue.cancel(base + each.cancel, each.lengthBytes)).toBe(found);
          if (found !== undefined) cancelled.add(found);
        }
        const live = asked.filter((one) => one.entry !== undefined || !cancelled.has(one)).length;
        expect(queue.length).toBeGreaterThanOrEqual(live);
      }
    }),
  );
});

it('does not grow by requests that are cancelled at once', () => {
  const queue = new UploadQueue();
  queue.add(new BlockRequest(0, 0, 1, 0));
  for (let nth = 1; nth < 100_000; nth++) {
    queue.add(new BlockRequest(0, nth, 1, nth));
    queue.cancel(nth, 1);
    expect(queue.ahead(2_000).length).toBeLessThan(300);
  }
  expect(queue.length).toBe(1);
});
