// What an actor of a job needs to run by itself, without a helper around it.
import { createActor, type PromiseActorLogic, toPromise } from 'xstate';
import { createCleanupRegistry } from '../../../src/actors/cleanup-registry.js';
import type { Dependencies } from '../../../src/actors/dependencies.js';
import { createTorrentLocks } from '../../../src/actors/torrent-locks.js';
import { createMetainfoMemory } from '../../../src/memory/metainfo-memory.js';
import { createMetainfoWork } from '../../../src/metainfo-thread/metainfo-work.js';
import { resolveOptions } from '../../../src/options/resolve-options.js';
import { fakeEngine, noSession } from './fake-engine.js';

export function actorParts(stateDir?: string): Dependencies {
  return {
    options: resolveOptions({}),
    engine: fakeEngine(),
    torrentLocks: createTorrentLocks(),
    metainfoMemory: createMetainfoMemory(),
    cleanups: createCleanupRegistry(),
    metainfoWork: createMetainfoWork(undefined),
    announce: { tiers: [], known: Promise.resolve([]) },
    register: () => {},
    unregister: () => {},
    stateDir,
    session: noSession,
  };
}

/** Runs a step to its end. */
export function runActor<O, I>(logic: PromiseActorLogic<O, I>, input: NoInfer<I>): Promise<O> {
  const actor = createActor(logic, { input });
  const output = toPromise(actor);
  actor.start();
  return output;
}
