import { describe, expect, it, vi } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { supervisorMachine } from '../../../machines/supervisor.js';
import { torrentMachine } from '../../../machines/torrent.js';
import type { FetchInput } from '../../../machines/torrent-steps.js';
import type { LocatedTorrent } from '../../../machines/types.js';
import { createCleanupRegistry } from '../../../src/actors/cleanup-registry.js';
import type { Dependencies } from '../../../src/actors/dependencies.js';
import { jobsActor } from '../../../src/actors/jobs/jobs.js';
import { joinSwarmActor } from '../../../src/actors/join-swarm.js';
import { createTorrentLocks, releaseJob } from '../../../src/actors/torrent-locks.js';
import { createDeferred } from '../../../src/async/deferred.js';
import { createMetainfoMemory } from '../../../src/memory/metainfo-memory.js';
import { createMetainfoWork } from '../../../src/metainfo-thread/metainfo-work.js';
import { resolveOptions } from '../../../src/options/resolve-options.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { fakeEngine, noSession } from '../../support/engine/fake-engine.js';
import { createSample } from '../../support/torrents/sample-on-disk.js';

describe('the cleanup registry', () => {
  it('cleans up after a job once, and not what need not be', () => {
    const cleanups = createCleanupRegistry();
    const cleaned: string[] = [];
    cleanups.add(1, () => cleaned.push('a'));
    const needNotBe = cleanups.add(1, () => cleaned.push('b'));
    cleanups.add(2, () => cleaned.push('c'));
    needNotBe();
    cleanups.cleanUp(1);
    cleanups.cleanUp(1);
    expect(cleaned).toEqual(['a']);
  });

  it('waits for tracked work, whether that succeeds or not', async () => {
    const cleanups = createCleanupRegistry();
    await cleanups.settled();
    const [good, bad] = [createDeferred<void>(), createDeferred<void>()];
    cleanups.track(good.promise);
    cleanups.track(bad.promise);
    let isSettled = false;
    const settled = cleanups.settled().then(() => {
      isSettled = true;
    });
    good.resolve();
    await good.promise;
    expect(isSettled).toBe(false);
    bad.reject(new Error('no'));
    await settled;
  });

  it('cleans up after a machine that throws: its swarm is left, its torrent is free, the others go on', async () => {
    const { metainfo, contentPath } = await createSample(await scratchFolder());
    const engine = fakeEngine();
    const parts: Dependencies = {
      options: resolveOptions({}),
      engine,
      announce: { tiers: [], known: Promise.resolve([]) },
      torrentLocks: createTorrentLocks(),
      metainfoMemory: createMetainfoMemory(),
      cleanups: createCleanupRegistry(),
      metainfoWork: createMetainfoWork(undefined),
      register: () => {},
      unregister: () => {},
      stateDir: undefined,
      session: noSession,
    };
    const located = { torrent: metainfo, contentPath, peers: [] };
    const torrent = torrentMachine.provide({
      actors: {
        fetchMetainfo: fromPromise<LocatedTorrent, FetchInput>(async () => located),
        joinSwarm: joinSwarmActor(parts),
      },
      actions: {
        sayVerified: (_, verifiedBytes) => {
          if (verifiedBytes === 13) throw new Error('a bug in an action');
        },
      },
    });
    const supervisor = createActor(
      supervisorMachine.provide({
        actors: {
          jobs: jobsActor({
            torrent,
            cleanUp: (id) => {
              parts.cleanups.cleanUp(id);
              releaseJob(parts, id);
            },
          }),
        },
      }),
      {
        input: {
          needsTracker: false,
          giveUpMs: undefined,
          onEof: 'finish',
          lastId: 0,
          maxActive: 200,
          moveCompleted: undefined,
        },
      },
    );
    const said: string[] = [];
    const failed: number[] = [];
    supervisor.getSnapshot().context.monitor.on('changed', ({ changes }) => {
      for (const { type, id, file, state, percent } of changes) {
        if (type === 'progress') said.push(`${id}:${file}:${percent}`);
        else if (state === 'failed') failed.push(id);
      }
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
      supervisor.send({
        type: 'jobs.asked',
        instructions: [{ kind: 'download', given: 'a.torrent' }],
      });

    ask();
    const first = await joined(0);
    first.tell({ type: 'swarm.joined' });
    first.tell({ type: 'swarm.checked', verifiedBytes: 13 });
    await Promise.resolve();
    expect(said).toEqual([`1:${metainfo.name}:-1`, `1:${metainfo.name}:-2`]);
    expect(failed).toEqual([1]);
    expect(engine.swarms[0]?.isLeft).toBe(true);

    // The same torrent again is no duplicate of the one that is gone.
    ask();
    const second = await joined(1);
    second.tell({ type: 'swarm.joined' });
    await Promise.resolve();
    expect(said.at(-1)).toBe(`2:${metainfo.name}:-1`);
    supervisor.send({ type: 'helper.stop' });
    expect(supervisor.getSnapshot().output).toEqual({ failed: 1, unfinished: 1 });
    expect(engine.swarms[1]?.isLeft).toBe(true);
  });
});
