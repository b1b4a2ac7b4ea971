// What the torrents of one engine are given, and share: types only.
import type { Storage } from '../storage/storage.js';
import type { ConnectionDependencies } from './awake/peer-connections.js';
import type { RestTimer } from './awake/rest-timer.js';
import type { IncompleteBytes } from './data-path/budgets/incomplete-bytes.js';
import type { DataPath } from './data-path/transfer.js';
import type { EngineOptions } from './engine.js';
import type { Dht } from './peers/dht.js';
import type { PeerPort } from './peers/listener.js';
import type { AnnounceAgent } from './trackers/announce-agent.js';

export interface EngineDependencies extends ConnectionDependencies {
  readonly options: EngineOptions;
  readonly port: PeerPort;
  /** Undefined where the DHT is switched off. */
  readonly dht: Dht | undefined;
  readonly agent: AnnounceAgent;
  readonly dataPath: DataPath;
  /** Of all searches for metadata. */
  readonly incompleteMetadata: IncompleteBytes;
  readonly storage: Storage;
  readonly restTimer: RestTimer;
}
