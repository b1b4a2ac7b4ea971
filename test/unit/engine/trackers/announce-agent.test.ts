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

it('asks a tracker that answers plainly on one connection that is kept', async () => {
  const sockets = new Set<unknown>();
  const tracker = await httpTracker(({ socket }, response) => {
    sockets.add(socket);
    response.end(goodAnswer);
  });
  const agent = announceAgent();
  const announce = () => announceOverHttp(tracker.origin, request, { agent });
  const first = await announce();
  await announce();
  const kept = sockets.size;
  expect(await announce()).toEqual(first);
  expect(sockets.size).toBe(kept);
  expect(agent.plain.addressOf(tracker.origin)).toBe('127.0.0.1');
});

it('goes the long way where the short one has come to an end', async () => {
  let answers = 0;
  const tracker = await httpTracker((_, response) => {
    answers += 1;
    if (answers === 1) response.end(goodAnswer);
    else if (answers === 2) response.destroy();
    else response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(goodAnswer);
  });
  const agent = announceAgent();
  const announce = () => announceOverHttp(tracker.origin, request, { agent });
  const first = await announce();
  expect([await announce(), await announce()]).toEqual([first, first]);
  // Of a fault of HTTP it is not asked twice again.
  const before = answers;
  await announce();
  expect(answers).toBe(before + 1);
});

it('learns nothing of the short way from an answer that is not plain', async () => {
  const tracker = await httpTracker((_, response) => response.end(goodAnswer));
  const redirecting = await httpTracker((_, response) =>
    response.writeHead(302, { location: tracker.origin }).end(),
  );
  const agent = announceAgent();
  await announceOverHttp(redirecting.origin, request, { agent });
  expect(agent.plain.addressOf(redirecting.origin)).toBeUndefined();
});

it('hears refusals of HTTP in full on either way', async () => {
  const tracker = await httpTracker((_, response) => {
    if (tracker.requests.length === 1) response.end(goodAnswer);
    else response.writeHead(404).end();
  });
  const agent = announceAgent();
  await announceOverHttp(tracker.origin, request, { agent });
  await expect(announceOverHttp(tracker.origin, request, { agent })).rejects.toThrow('status 404');
});
