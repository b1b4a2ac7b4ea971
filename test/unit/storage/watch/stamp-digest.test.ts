import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type DigestedStamp, digestStamps } from '../../../../src/storage/watch/stamp-digest.js';

const stamp: DigestedStamp = { device: 1n, inode: 2n, sizeBytes: 3, mtimeNs: 4n, ctimeNs: 5n };

it('tells apart what changed of any file, what is missing, and in which order they are', async () => {
  const other = { ...stamp, inode: 9n };
  const lists = [
    [stamp, other],
    [other, stamp],
    [stamp, undefined],
    [undefined, stamp],
    [stamp],
    [],
    ...Object.keys(stamp).map((field) => [
      stamp,
      { ...other, [field]: field === 'sizeBytes' ? 77 : 77n },
    ]),
  ];
  const digests = await Promise.all(lists.map((list) => digestStamps(list)));
  expect(new Set(digests).size).toBe(lists.length);
  expect(await digestStamps([stamp, other])).toBe(digests[0]);
});

it('leaves the thread to others while it digests a hundred thousand', async () => {
  let turns = 0;
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns++) await nextTurn();
  })();
  await digestStamps(Array.from({ length: 100_000 }, () => stamp));
  isOver = true;
  await others;
  expect(turns).toBeGreaterThan(20);
});
