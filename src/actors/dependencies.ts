// What the actors of one helper share.

import type { Engine } from '../engine/engine.js';
import type { MetainfoIntake, MetainfoMemory } from '../memory/metainfo-memory.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import type { MetainfoWork } from '../metainfo-thread/metainfo-work.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import type { CleanupRegistry } from './cleanup-registry.js';
import type { TorrentLocks } from './torrent-locks.js';

type Tiers = readonly (readonly string[])[];

/** The announce URLs, by tier, of what is made here. */
export interface Announce {
  /** None before they are known. */
  readonly tiers: Tiers;
  /** Resolves when the embedded tracker, if there is one, is open. Rejects if it cannot be. */
  readonly known: Promise<Tiers>;
}

export interface Dependencies {
  readonly options: ResolvedOptions;
  readonly engine: Engine;
  readonly torrentLocks: TorrentLocks;
  readonly metainfoMemory: MetainfoMemory;
  readonly announce: Announce;
  /** Lets the embedded tracker, if there is one, track a torrent. */
  readonly register: (infoHash: string) => void;
  /** Once for each `register`; the tracker then forgets it, when its last peer is gone. */
  readonly unregister: (infoHash: string) => void;
  readonly cleanups: CleanupRegistry;
  readonly metainfoWork: MetainfoWork;
  /** The folder for what outlives the helper; undefined: there is none that can be used. */
  readonly stateDir: string | undefined;
  readonly session: SessionAccess;
}

/** The session as the actors need it; without one, it knows nothing. */
export interface SessionAccess {
  /**
   * The metainfo of a job that was brought back, or undefined if it was not saved or cannot be read. Rejects with NoRoom
   * where `intake` does.
   */
  readMetainfo(infoHash: string, intake: MetainfoIntake): Promise<Metainfo | undefined>;
  /** Resolves when all that was noted so far is on disk. */
  settled(): Promise<void>;
}
