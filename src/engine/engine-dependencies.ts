// What the torrents of one engine are given, and share: types only.
import type WebTorrent from 'webtorrent';
import type { OwnAddresses } from '../net/own-addresses.js';
import type { Storage } from '../storage/storage.js';
import type { IncompleteBytes } from './data-path/budgets/incomplete-bytes.js';
import type { DataPath } from './data-path/transfer.js';
import type { DialSlots } from './dialling/contender.js';
import type { DialledAddresses } from './dialling/dialled-addresses.js';
import type { EngineOptions } from './engine.js';
import type { BanList } from './peers/ban-list.js';
import type { Dht } from './peers/dht.js';
import type { PeerPort } from './peers/listener.js';
import type { AnnounceAgent } from './trackers/announce-agent.js';

export interface EngineDependencies {
  readonly options: EngineOptions;
  readonly client: WebTorrent;
  readonly peerPort: number;
  readonly port: PeerPort;
  readonly dialSlots: DialSlots;
  readonly dialledAddresses: DialledAddresses;
  readonly banList: BanList;
  readonly ownAddresses: OwnAddresses;
  /** Undefined where the DHT is switched off. */
  readonly dht: Dht | undefined;
  readonly agent: AnnounceAgent;
  readonly dataPath: DataPath;
  /** Of all searches for metadata. */
  readonly incompleteMetadata: IncompleteBytes;
  readonly storage: Storage;
}
