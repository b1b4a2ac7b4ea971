import { describe, expect, it, vi } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { supervisorMachine } from '../../../machines/supervisor.js';
import { torrentMachine } from '../../../machines/torrent.js';
import type { FetchInput } from '../../../machines/torrent-steps.js';
import type { LocatedTorrent } from '../../../machines/types.js';
import { createCleanupRegistry } from '../../../src/actors/cleanup-registry.js';
import type { Dependencies } from '../../../src/actors/dependencies.js';
import { holdTorrentLocksActor } from '../../../src/actors/hold-torrent-locks.js';
import { joinSwarmActor } from '../../../src/actors/join-swarm.js';
import { queueJobsActor } from '../../../src/actors/queue-jobs.js';
import { createTorrentLocks } from '../../../src/actors/torrent-locks.js';
import { createHashingThreads } from '../../../src/metainfo/create/threads/hashing-threads.js';
import { resolveOptions } from '../../../src/options/resolve-options.js';
import { fakeEngine, noSession } from '../../support/fake-engine.js';
import { folder } from '../../support/library-setup.js';
import { createSample } from '../../support/sample-torrent.js';

describe('loose ends', () => {
  it('are tied up once, and not if they were settled before', () => {
    const cleanups = createCleanupRegistry();
    const tied: string[] = [];
    cleanups.leave(1, () => tied.push('a'));
    const settle = cleanups.leave(1, () => tied.push('b'));
    cleanups.leave(2, () => tied.push('c'));
    settle();
    cleanups.tieUp(1);
    cleanups.tieUp(1);
    expect(tied).toEqual(['a']);
  });

  it('of a job whose machine throws are tied up: its swarm is left, its torrent is free, the others go on', async () => {
    const { metainfo, contentPath } = await createSample(await folder());
    const engine = fakeEngine();
    const parts: Dependencies = {
      ...{
        options: resolveOptions({}),
        engine,
        announce: { tiers: [], known: Promise.resolve([]) },
      },
      ...{ torrentLocks: createTorrentLocks(), cleanups: createCleanupRegistry() },
      hashingThreads: createHashingThreads(),
      ...{ register: () => {}, unregister: () => {}, stateDir: undefined, session: noSession },
    };
    const located = { torrent: metainfo, contentPath, peers: [] };
    const torrent = torrentMachine.provide({
      actors: {
        fetchMetainfo: fromPromise<LocatedTorrent, FetchInput>(async () => located),
        joinSwarm: joinSwarmActor(parts),
        holdTorrentLocks: holdTorrentLocksActor(parts),
      },
      actions: {
        sayVerified: (_, verifiedBytes) => {
          if (verifiedBytes === 13) throw new Error('a bug in an action');
        },
      },
    });
    const supervisor = createActor(
      supervisorMachine.provide({
        actors: { torrent, queueJobs: queueJobsActor },
        actions: { tieUp: (_, { id }) => parts.cleanups.tieUp(id) },
      }),
      {
        input: {
          ...{ needsTracker: false, giveUpMs: undefined, onEof: 'finish', lastId: 0 },
          ...{ maxActive: 200, moveCompleted: undefined },
        },
      },
    );
    const said: string[] = [];
    supervisor.getSnapshot().context.monitor.on('changed', ({ change }) => {
      said.push(`${change.id}:${change.file}:${change.percent}`);
    });
    supervisor.subscribe({ error: (error) => said.push(String(error)) });
    supervisor.start();
    const joined = (index: number) =>
      vi.waitFor(() => {
        const swarm = engine.swarms[index];
        if (!swarm) throw new Error('not joined yet');
        return swarm;
      });
    const ask = () =>
      supervisor.send({ type: 'job.asked', instruction: { kind: 'download', given: 'a.torrent' } });

    ask();
    const first = await joined(0);
    first.tell({ type: 'swarm.joined' });
    first.tell({ type: 'swarm.checked', verifiedBytes: 13 });
    expect(said).toEqual([`1:${metainfo.name}:-1`, `1:${metainfo.name}:-2`]);
    expect(engine.swarms[0]?.isLeft).toBe(true);

    // The same torrent again is no duplicate of the one that is gone.
    ask();
    const second = await joined(1);
    second.tell({ type: 'swarm.joined' });
    expect(said.at(-1)).toBe(`2:${metainfo.name}:-1`);
    supervisor.send({ type: 'helper.stop' });
    expect(supervisor.getSnapshot().output).toEqual({ failed: 1, unfinished: 1 });
    expect(engine.swarms[1]?.isLeft).toBe(true);
  });
});
