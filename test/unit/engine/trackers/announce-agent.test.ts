import { expect, it } from 'vitest';
import { announceOverHttp } from '../../../../src/engine/trackers/announce/http-announce.js';
import {
  announceAgent,
  goodAnswer,
  httpTracker,
  request,
} from '../../../support/trackers/fake-trackers.js';

it('opens eight connections to one tracker at most, however many announce', async () => {
  const sockets = new Set<unknown>();
  const tracker = await httpTracker(({ socket }, response) => {
    sockets.add(socket);
    setImmediate(() => response.end(goodAnswer));
  });
  const agent = announceAgent();
  const announces = Array.from({ length: 100 }, () =>
    announceOverHttp(tracker.origin, request, { agent }),
  );
  expect(await Promise.all(announces)).toHaveLength(100);
  expect(sockets.size).toBe(8);
});

it('fails the announces under way when it is closed', async () => {
  const agent = announceAgent();
  const tracker = await httpTracker(() => void agent.close());
  await expect(announceOverHttp(tracker.origin, request, { agent })).rejects.toMatchObject({
    code: 'TRACKER_UNREACHABLE',
  });
});

it('may be closed twice, used or not', async () => {
  const agent = announceAgent();
  await agent.close();
  await expect(agent.close()).resolves.toBeUndefined();
});
