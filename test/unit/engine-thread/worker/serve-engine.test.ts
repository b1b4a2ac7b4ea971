import { expect, it, vi } from 'vitest';
import type { EngineOptions } from '../../../../src/engine/engine.js';
import { throwingTorrent } from '../../../../src/engine/torrent-context.js';
import type { EngineCommand, EngineReport } from '../../../../src/engine-thread/messages.js';
import { serveEngine } from '../../../../src/engine-thread/worker/serve-engine.js';
import { HelperError } from '../../../../src/errors.js';
import { Metainfo } from '../../../../src/metainfo/metainfo.js';
import type { OwnAnnounce } from '../../../../src/tracker-protocol/own-announce.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { fakeEngine } from '../../../support/engine/fake-engine.js';
import { createSample } from '../../../support/torrents/sample-on-disk.js';

const options = { host: '127.0.0.1', listen: '127.0.0.1', port: 0, dht: false };

/** Everything crosses as it does between threads. */
async function served() {
  const engine = fakeEngine();
  const reports: EngineReport[] = [];
  let given: EngineOptions = options;
  const service = serveEngine({
    start: async (asked) => {
      given = asked;
      return engine;
    },
    report: (report) => reports.push(structuredClone(report)),
  });
  const take = (command: EngineCommand) => service.take(structuredClone(command));
  take({ type: 'open', options });
  await vi.waitFor(() => expect(reports).toEqual([{ type: 'opened', peerPort: 6881 }]));
  return { engine, options: given, reports, take };
}

it('joins with metainfo that is one, and tells what happens in its swarm', async () => {
  const { metainfo, contentPath } = await createSample(await scratchFolder());
  const { engine, reports, take } = await served();
  take({ type: 'join', id: 5, request: { metainfo, contentPath, role: 'seed', trackers: [] } });
  const [swarm] = engine.swarms;
  expect(swarm?.request.metainfo).toBeInstanceOf(Metainfo);
  expect({ ...swarm?.request.metainfo }).toEqual(structuredClone({ ...metainfo }));
  expect(swarm?.request.metainfo.pieceCount).toBe(metainfo.pieceCount);
  swarm?.tell({ type: 'swarm.joined' });
  const failure = { code: 'DISK_FULL', message: 'no room', isTransient: true } as const;
  swarm?.tell({ type: 'storage.error', failure });
  expect(reports.slice(1)).toEqual([
    { type: 'told', id: 5, event: { type: 'swarm.joined' } },
    { type: 'told', id: 5, event: { type: 'storage.error', failure } },
  ]);
  take({ type: 'leave', id: 5, call: 9 });
  await vi.waitFor(() => expect(reports.at(-1)).toEqual({ type: 'done', call: 9 }));
  expect(swarm?.isLeft).toBe(true);
});

it('passes on what is asked of a swarm, while it is there', async () => {
  const { metainfo, contentPath } = await createSample(await scratchFolder());
  const { engine, take } = await served();
  take({ type: 'join', id: 5, request: { metainfo, contentPath, role: 'seed', trackers: [] } });
  take({ type: 'verify', id: 5 });
  take({ type: 'announce', id: 5 });
  take({ type: 'verify', id: 6 });
  take({ type: 'leave', id: 5, call: 9 });
  take({ type: 'announce', id: 5 });
  expect(engine.swarms[0]?.asked).toEqual(['verify', 'announce']);
});

it('does the work of a torrent in its name', async () => {
  const { metainfo, contentPath } = await createSample(await scratchFolder());
  const { engine, take } = await served();
  const names: (string | undefined)[] = [];
  const join = engine.join;
  engine.join = (...args) => {
    setImmediate(() => names.push(throwingTorrent(undefined)));
    return join(...args);
  };
  take({ type: 'join', id: 1, request: { metainfo, contentPath, role: 'seed', trackers: [] } });
  await vi.waitFor(() => expect(names).toEqual([metainfo.infoHash]));
});

it('passes on that the helper ends, before what is left for that reason', async () => {
  const { metainfo, contentPath } = await createSample(await scratchFolder());
  const { engine, take } = await served();
  const prepared = vi.fn(() => engine.swarms.map(({ isLeft }) => isLeft));
  engine.prepareToClose = prepared;
  take({ type: 'join', id: 1, request: { metainfo, contentPath, role: 'seed', trackers: [] } });
  take({ type: 'prepare-to-close' });
  take({ type: 'leave', id: 1, call: 2 });
  expect(prepared.mock.results).toMatchObject([{ value: [false] }]);
});

it('searches for metadata until that is found, or called off', async () => {
  const { engine, reports, take } = await served();
  const request = { infoHash: 'a'.repeat(40), trackers: [], peers: [] };
  take({ type: 'search', id: 1, request });
  take({ type: 'search', id: 2, request });
  const [one, two] = engine.searches;
  one?.warn({ code: 'TRACKER_UNREACHABLE', message: 'gone' });
  one?.find({ info: new Uint8Array([7]), peers: [] });
  take({ type: 'cancel', id: 2 });
  expect(two?.signal.aborted).toBe(true);
  two?.fail(new Error('aborted'));
  take({ type: 'left', infoHash: request.infoHash, call: 3 });
  await vi.waitFor(() => expect(reports.at(-1)).toEqual({ type: 'done', call: 3 }));
  expect(reports.slice(1).map(({ type }) => type)).toEqual(['warned', 'found', 'done']);
  expect(reports[1]).toMatchObject({ id: 1, failure: { code: 'TRACKER_UNREACHABLE' } });
  expect(reports[2]).toMatchObject({ id: 1, found: { info: new Uint8Array([7]) } });
});

it('asks the tracker of the helper, and hands each answer to whoever waits for it', async () => {
  const { options: given, reports, take } = await served();
  const announceOf = (port: number): OwnAnnounce => ({
    ...{ infoHash: 'a'.repeat(40), peerId: 'b'.repeat(40), isComplete: true, numWant: 80, port },
  });
  const [one, two] = [1, 2].map((port) => given.askOwnTracker?.(announceOf(port)));
  const asked = reports.flatMap((report) => (report.type === 'asks-tracker' ? [report] : []));
  expect(asked.map(({ announce }) => announce)).toEqual([announceOf(1), announceOf(2)]);
  for (const { call, announce } of asked.reverse()) {
    const answer = announce.port === 1 ? { refusal: 'go away' } : undefined;
    take({ type: 'tracker-answered', call, answer });
  }
  expect(await Promise.all([one, two])).toEqual([{ refusal: 'go away' }, undefined]);
});

it('says why it could not be opened, and closes all the same', async () => {
  const reports: EngineReport[] = [];
  const cause = Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
  const service = serveEngine({
    start: () => Promise.reject(new HelperError('PORT_TAKEN', 'taken', { cause })),
    report: (report) => reports.push(report),
  });
  service.take({ type: 'open', options });
  service.take({ type: 'close' });
  await vi.waitFor(() => expect(reports).toHaveLength(2));
  expect(reports).toEqual([
    { type: 'refused', error: { code: 'PORT_TAKEN', message: 'taken', systemCode: 'EADDRINUSE' } },
    { type: 'closed' },
  ]);
});
