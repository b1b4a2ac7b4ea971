// An engine without a network: it keeps what it is asked for, and a test tells what happens in its swarms.

import type { Failure, SwarmEvent } from '../../../machines/types.js';
import type { SessionAccess } from '../../../src/actors/dependencies.js';
import type {
  Engine,
  JoinRequest,
  MetadataFound,
  MetadataRequest,
} from '../../../src/engine/engine.js';

export interface FakeSwarm {
  readonly request: JoinRequest;
  readonly tell: (event: SwarmEvent) => void;
  isLeft: boolean;
  /** What it was asked for since it was joined. */
  readonly asked: ('verify' | 'announce')[];
}

export interface FakeSearch {
  readonly request: MetadataRequest;
  readonly signal: AbortSignal;
  readonly warn: (failure: Failure) => void;
  readonly find: (found: MetadataFound) => void;
  readonly fail: (error: Error) => void;
}

export interface FakeEngine extends Engine {
  readonly swarms: readonly FakeSwarm[];
  readonly searches: readonly FakeSearch[];
  /** How often each torrent is to be measured, by info hash. */
  readonly watched: ReadonlyMap<string, number>;
}

export function fakeEngine(): FakeEngine {
  const swarms: FakeSwarm[] = [];
  const searches: FakeSearch[] = [];
  const watched = new Map<string, number>();
  return {
    swarms,
    watched,
    searches,
    peerPort: 6881,
    join(request, tell) {
      const swarm: FakeSwarm = { request, tell, isLeft: false, asked: [] };
      swarms.push(swarm);
      return {
        verify: () => void swarm.asked.push('verify'),
        announce: () => void swarm.asked.push('announce'),
        async leave() {
          swarm.isLeft = true;
        },
      };
    },
    left: async () => {},
    watch(infoHash, everyMs) {
      if (everyMs === undefined) watched.delete(infoHash);
      else watched.set(infoHash, everyMs);
    },
    fetchMetadata: (request, signal, warn) =>
      new Promise((find, fail) => {
        searches.push({ request, signal, warn, find, fail });
      }),
    prepareToClose: () => {},
    close: async () => {},
  };
}

/** Of a helper without a session. */
export const noSession: SessionAccess = {
  readMetainfo: async () => undefined,
  settled: async () => {},
};
