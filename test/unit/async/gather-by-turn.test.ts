import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gatherByTurn } from '../../../src/async/gather-by-turn.js';

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
