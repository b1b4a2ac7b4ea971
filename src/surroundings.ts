// What the actors of one helper share.
import type { Claims } from './claims.js';
import type { Engine } from './engine/engine.js';
import type { Settings } from './settings.js';

export interface Surroundings {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly claims: Claims;
  /** Announce URLs, by tier, of what is made here. */
  readonly announce: readonly (readonly string[])[];
  /** Lets the embedded tracker, if there is one, track a torrent. */
  readonly register: (infoHash: string) => void;
}
