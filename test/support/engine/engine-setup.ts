// Engines on loopback that are closed after each test, and what they seed and download.
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type { SwarmEvent } from '../../../machines/types.js';
import type { RestTimer } from '../../../src/engine/awake/rest-timer.js';
import type { DataPath } from '../../../src/engine/data-path/transfer.js';
import type { Engine, EngineOptions, JoinRequest, Swarm } from '../../../src/engine/engine.js';
import { startEngine } from '../../../src/engine/webtorrent-engine.js';
import { scratchFolder } from '../disks/scratch-folder.js';
import { createSample, type Sample, type SampleOptions } from '../torrents/sample-on-disk.js';

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

export function atTheEnd(close: () => Promise<unknown>): void {
  undo.push(close);
}

/** As `expect.poll`, with the patience that a busy machine asks for. */
export function eventually<T>(look: () => T) {
  return expect.poll(look, { interval: 10, timeout: 20_000 });
}

/**
 * `dataPath` is closed with it; without one, `options` say which limits there are. `restTimer` knows how many torrents are
 * awake.
 */
export async function engine(
  options: Partial<EngineOptions> = {},
  dataPath?: DataPath,
  restTimer?: RestTimer,
): Promise<Engine> {
  const started = await startEngine(
    {
      host: '127.0.0.1',
      listen: '127.0.0.1',
      port: 0,
      dht: false,
      ...options,
    },
    dataPath,
    restTimer,
  );
  atTheEnd(() => started.close());
  return started;
}

export async function sample(options?: SampleOptions): Promise<Sample> {
  return createSample(await scratchFolder(), options);
}

export interface Joined {
  readonly swarm: Swarm;
  readonly events: readonly SwarmEvent[];
  /** The next event of the type, or one that has come already. */
  until<T extends SwarmEvent['type']>(type: T): Promise<Extract<SwarmEvent, { type: T }>>;
}

export function joinWith(
  engineToUse: Engine,
  { metainfo }: Sample,
  request: Pick<JoinRequest, 'contentPath' | 'role'> & Partial<JoinRequest>,
): Joined {
  const events: SwarmEvent[] = [];
  const waiting = new Set<() => void>();
  const swarm = engineToUse.join({ metainfo, trackers: [], ...request }, (event) => {
    events.push(event);
    for (const wake of waiting) wake();
  });
  return {
    swarm,
    events,
    until: <T extends SwarmEvent['type']>(type: T) =>
      new Promise<Extract<SwarmEvent, { type: T }>>((resolve, reject) => {
        const isWanted = (event: SwarmEvent): event is Extract<SwarmEvent, { type: T }> =>
          event.type === type;
        const look = () => {
          const found = events.find(isWanted);
          const last = events.at(-1);
          if (found !== undefined) resolve(found);
          else if (last?.type === 'swarm.failed' || last?.type === 'storage.error')
            reject(Object.assign(new Error(last.failure.message), last.failure));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

export function seed(
  engineToUse: Engine,
  content: Sample,
  request: Partial<JoinRequest> = {},
): Joined {
  return joinWith(engineToUse, content, {
    contentPath: content.contentPath,
    role: 'seed',
    ...request,
  });
}

/** Downloads into a folder of its own, from `from`. */
export async function download(
  engineToUse: Engine,
  content: Sample,
  from: readonly (Engine | number)[],
  request: Partial<JoinRequest> = {},
): Promise<Joined & { contentPath: string }> {
  const contentPath = request.contentPath ?? join(await scratchFolder(), content.metainfo.name);
  const peers = from.map((each) => `127.0.0.1:${typeof each === 'number' ? each : each.peerPort}`);
  const joined = joinWith(engineToUse, content, {
    role: 'download',
    peers,
    ...request,
    contentPath,
  });
  return { ...joined, contentPath };
}
