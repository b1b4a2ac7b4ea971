import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gather, gatherByTurn } from '../../../src/async/gather-by-turn.js';

test('what comes in one turn of the event loop is one list, and the last word needs no turn', async () => {
  const posted: (readonly number[])[] = [];
  const gathered = gatherByTurn<number>((items) => posted.push(items));
  for (const item of [1, 2]) gathered.add(item);
  await setImmediate();
  gathered.add(3);
  gathered.flush();
  await setImmediate();
  expect(posted).toEqual([[1, 2], [3]]);
});

test('hands over at once what is as much as goes together, and wakes once for what follows', () => {
  const posted: (readonly number[])[] = [];
  const woken: (() => void)[] = [];
  const gathered = gather<number>(
    (items) => posted.push(items),
    (flush) => woken.push(flush),
    2,
  );
  for (const item of [1, 2, 3]) gathered.add(item);
  expect(posted).toEqual([[1, 2]]);
  expect(woken.length).toBe(2);
  for (const flush of woken) flush();
  expect(posted).toEqual([[1, 2], [3]]);
});
