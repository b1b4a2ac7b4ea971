import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { EngineReport } from '../../../../src/engine-thread/messages.js';
import { gatherReports } from '../../../../src/engine-thread/worker/gather-reports.js';

test('what is reported in one turn of the event loop is one message, and the last word needs no turn', async () => {
  const posted: (readonly EngineReport[])[] = [];
  const reports = gatherReports((gathered) => posted.push(gathered));
  const [one, two, three] = [1, 2, 3].map((call) => ({ type: 'done', call }) as const);
  for (const each of [one, two]) if (each !== undefined) reports.report(each);
  await setImmediate();
  if (three !== undefined) reports.report(three);
  reports.flush();
  await setImmediate();
  expect(posted).toEqual([[one, two], [three]]);
});
