import { expect, it } from 'vitest';
import { helperSwarms } from '../../../../src/inspection/swarms/helper-swarms.js';
import type { SwarmMessage } from '../../../../src/inspection/told/swarm-messages.js';
import { all, file, helper } from '../../../support/helper/library-setup.js';

const passkey = '0123456789abcdef0123456789abcdef';

it('tells of a live job till it is over, without what lets somebody in at its tracker', async () => {
  const url = `http://127.0.0.1:9/${passkey}/announce`;
  const running = await helper({ tracker: url });
  const job = running.seed((await file()).path);
  const told: SwarmMessage[] = [];
  const failing = ({ detail }: SwarmMessage) => detail?.trackers[0]?.failure !== undefined;
  for await (const message of helperSwarms(running)(job.id, new AbortController().signal)) {
    told.push(message);
    if (failing(message)) void job.remove();
  }
  const last = told.find(failing);
  expect(last).toMatchObject({ totals: { bytesTotal: 200_000, bytesDone: 200_000, peers: 0 } });
  expect(last?.detail?.trackers).toMatchObject([
    {
      state: 'failing',
      url: expect.stringContaining('http://127.0.0.1:9/'),
      nextMs: expect.any(Number),
    },
  ]);
  expect(last?.detail?.pieces.verified.every((count) => count > 0)).toBe(true);
  expect(JSON.stringify(told)).not.toContain(passkey);
  expect(told.at(-1)).toMatchObject({ detail: undefined });
});

it('tells nothing of a job that is not there', async () => {
  const nobody = { job: () => undefined };
  expect(await all(helperSwarms(nobody)(7, new AbortController().signal))).toEqual([]);
});
