// What all torrents of one engine share, and the promises they make each other: types only.
import type WebTorrent from 'webtorrent';
import type { AnnounceAgent } from './announce/announce-agent.js';
import type { Bans } from './bans.js';
import type { Dht } from './dht.js';
import type { DialBudget } from './dial-budget.js';
import type { Disk } from './disk/disk.js';
import type { EngineOptions } from './engine.js';
import type { OwnAddresses } from './own-addresses.js';
import type { PeerPort } from './peer-port.js';
import type { ResumeStore } from './resume/resume-store.js';

export interface EngineParts {
  readonly options: EngineOptions;
  readonly client: WebTorrent;
  readonly peerPort: number;
  readonly port: PeerPort;
  readonly budget: DialBudget;
  readonly bans: Bans;
  readonly ownAddresses: OwnAddresses;
  /** Undefined where the DHT is switched off. */
  readonly dht: Dht | undefined;
  readonly agent: AnnounceAgent;
  readonly disk: Disk;
  readonly resume: ResumeStore;
}
