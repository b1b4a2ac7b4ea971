import { describe, expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import type { SwarmInput } from '../../../machines/torrent-steps.js';
import type { LocatedTorrent, SwarmEvent } from '../../../machines/types.js';
import { createCleanupRegistry } from '../../../src/actors/cleanup-registry.js';
import type { Dependencies } from '../../../src/actors/dependencies.js';
import { joinSwarmActor } from '../../../src/actors/join-swarm.js';
import { createTorrentLocks, releaseJob } from '../../../src/actors/torrent-locks.js';
import type { ErrorCode } from '../../../src/errors.js';
import { createMetainfoMemory } from '../../../src/memory/metainfo-memory.js';
import { createMetainfoWork } from '../../../src/metainfo-thread/metainfo-work.js';
import { type HelperOptions, resolveOptions } from '../../../src/options/resolve-options.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { fakeEngine, noSession } from '../../support/engine/fake-engine.js';
import { createSample, type Sample } from '../../support/torrents/sample-on-disk.js';

const announce = [['http://127.0.0.1:6969/announce'], ['udp://127.0.0.1:6969/announce']];

function dependencies(options: HelperOptions = {}) {
  const registered: string[] = [];
  const unregistered: string[] = [];
  const engine = fakeEngine();
  const parts = {
    options: resolveOptions(options),
    engine,
    torrentLocks: createTorrentLocks(),
    metainfoMemory: createMetainfoMemory(),
    cleanups: createCleanupRegistry(),
    metainfoWork: createMetainfoWork(undefined),
    announce: { tiers: announce, known: Promise.resolve(announce) },
    register: (infoHash: string) => void registered.push(infoHash),
    unregister: (infoHash: string) => void unregistered.push(infoHash),
    stateDir: undefined,
    session: noSession,
  } satisfies Dependencies;
  return { ...parts, registered, unregistered };
}

/** The actor as a job has it: invoked, until the job leaves that state. */
function join(parts: Dependencies, input: SwarmInput) {
  const told: SwarmEvent[] = [];
  const job = setup({
    types: { events: {} as SwarmEvent | { type: 'leave' } },
    actors: { joinSwarm: joinSwarmActor(parts) },
  }).createMachine({
    initial: 'swarming',
    states: {
      swarming: {
        invoke: { src: 'joinSwarm', input },
        on: {
          leave: 'elsewhere',
          '*': { actions: ({ event }) => event.type !== 'leave' && told.push(event) },
        },
      },
      elsewhere: {},
    },
  });
  const actor = createActor(job);
  actor.start();
  return { told, leave: () => actor.send({ type: 'leave' }) };
}

function located({ metainfo, contentPath }: Sample): LocatedTorrent {
  return { torrent: metainfo, contentPath, peers: ['10.0.0.7:6881'] };
}

const sample = async (isPrivate = true) => createSample(await scratchFolder(), { isPrivate });

describe('joinSwarm', () => {
  it('joins with what is known, and passes on what happens', async () => {
    const parts = dependencies();
    const content = await sample();
    const reach = { kind: 'document' } as const;
    const input = { ...located(content), reach };
    const { told } = join(parts, { id: 1, located: input, role: 'download' });
    const [swarm] = parts.engine.swarms;
    expect(swarm?.request).toEqual({
      reach,
      trustedTrackers: [],
      metainfo: content.metainfo,
      contentPath: content.contentPath,
      role: 'download',
      trackers: [],
      peers: ['10.0.0.7:6881'],
    });
    const events = [
      { type: 'swarm.joined' },
      { type: 'swarm.announced' },
      { type: 'swarm.checked', verifiedBytes: 0 },
      { type: 'piece.verified', verifiedBytes: 32_768 },
      { type: 'swarm.completed' },
      { type: 'swarm.warned', failure: { code: 'TRACKER_UNREACHABLE', message: 'later' } },
      {
        type: 'storage.error',
        failure: { code: 'DISK_FULL', message: 'no room', isTransient: true },
      },
    ] as const;
    for (const event of events) swarm?.tell(event);
    expect(told).toEqual(events);
  });

  it('tells a seed nothing that it knows: that all of it is there', async () => {
    const parts = dependencies();
    const { told } = join(parts, { id: 1, located: located(await sample()), role: 'seed' });
    const [swarm] = parts.engine.swarms;
    swarm?.tell({ type: 'swarm.joined' });
    swarm?.tell({ type: 'swarm.checked', verifiedBytes: 65_536 });
    swarm?.tell({ type: 'swarm.completed' });
    swarm?.tell({ type: 'swarm.announced' });
    expect(told).toEqual([{ type: 'swarm.joined' }, { type: 'swarm.announced' }]);
  });

  it('passes on once that content was changed, however often the engine finds that out', async () => {
    const parts = dependencies();
    const { told } = join(parts, { id: 1, located: located(await sample()), role: 'seed' });
    const [swarm] = parts.engine.swarms;
    const warned = (code: ErrorCode) =>
      ({ type: 'swarm.warned', failure: { code, message: 'it is so' } }) as const;
    for (const code of ['DISK_GONE', 'CONTENT_CHANGED', 'CONTENT_CHANGED', 'DISK_GONE'] as const) {
      swarm?.tell(warned(code));
    }
    const once = ['DISK_GONE', 'CONTENT_CHANGED', 'DISK_GONE'] as const;
    expect(told).toEqual(once.map(warned));
  });

  it('announces a seed where this helper announces, and registers it there until it has left the swarm', async () => {
    const parts = dependencies();
    const content = await sample();
    const { leave } = join(parts, { id: 1, located: located(content), role: 'seed' });
    expect(parts.engine.swarms[0]?.request).toMatchObject({
      trackers: announce,
      reach: { kind: 'user' },
    });
    expect(parts.registered).toEqual([content.metainfo.infoHash]);
    expect(parts.unregistered).toEqual([]);
    leave();
    expect(parts.unregistered).toEqual([]);
    await expect.poll(() => parts.unregistered).toEqual([content.metainfo.infoHash]);
  });

  it('asks trackers that its user named for downloads too, unless they are private', async () => {
    const url = 'http://tracker.example/announce';
    const parts = dependencies({ tracker: url });
    join(parts, { id: 1, located: located(await sample(false)), role: 'download' });
    join(parts, { id: 2, located: located(await sample(true)), role: 'download' });
    const requests = parts.engine.swarms.map(({ request }) => request);
    expect(requests.map(({ trackers }) => trackers)).toEqual([[[url]], []]);
    expect(requests.map(({ trustedTrackers }) => trustedTrackers)).toEqual([[url], [url]]);
    expect(parts.registered).toEqual([]);
  });

  it('fails as DUPLICATE, and joins nothing, beside a job that holds the torrent', async () => {
    const parts = dependencies();
    const content = await sample();
    const first = join(parts, { id: 1, located: located(content), role: 'seed' });
    const second = join(parts, { id: 2, located: located(content), role: 'seed' });
    expect(second.told).toEqual([
      {
        type: 'swarm.failed',
        failure: { code: 'DUPLICATE', message: expect.stringContaining('job 1') },
      },
    ]);
    expect(parts.engine.swarms).toHaveLength(1);
    // That the second goes takes nothing from the first.
    second.leave();
    expect(parts.engine.swarms[0]?.isLeft).toBe(false);
    const third = join(parts, { id: 3, located: located(content), role: 'seed' });
    expect(third.told).toMatchObject([{ failure: { code: 'DUPLICATE' } }]);
    expect(first.told).toEqual([]);
  });

  it('leaves the swarm when the job moves on, and holds the torrent until the job is over', async () => {
    const parts = dependencies();
    const content = await sample();
    const first = join(parts, { id: 1, located: located(content), role: 'seed' });
    first.leave();
    expect(parts.engine.swarms[0]?.isLeft).toBe(true);
    const second = join(parts, { id: 2, located: located(content), role: 'seed' });
    expect(second.told).toMatchObject([{ failure: { code: 'DUPLICATE' } }]);
    const again = join(parts, { id: 1, located: located(content), role: 'seed' });
    expect(again.told).toEqual([]);
    again.leave();
    releaseJob(parts, 1);
    expect(join(parts, { id: 2, located: located(content), role: 'seed' }).told).toEqual([]);
    expect(parts.engine.swarms).toHaveLength(3);
  });

  it('says so when the engine refuses', async () => {
    const parts = dependencies();
    const broken: Dependencies = {
      ...parts,
      engine: {
        ...parts.engine,
        join: () => {
          throw new Error('engine');
        },
      },
    };
    const content = await sample();
    const { told } = join(broken, { id: 1, located: located(content), role: 'seed' });
    expect(told).toEqual([
      { type: 'swarm.failed', failure: { code: 'INTERNAL', message: 'bug: engine' } },
    ]);
    // The job fails of it, and so lets go.
    parts.torrentLocks.releaseJob(1);
    expect(join(parts, { id: 2, located: located(content), role: 'seed' }).told).toEqual([]);
  });

  it('fails, and throws nothing, where no torrent is known', () => {
    const { told } = join(dependencies(), { id: 1, located: undefined, role: 'seed' });
    expect(told).toMatchObject([{ type: 'swarm.failed', failure: { code: 'INTERNAL' } }]);
  });
});
