// One torrent while it is awake: there are connections, or somebody to dial. All that is there for their sake is here: webtorrent's
// torrent, the way of the bytes, the connections. One at rest has none of it. Knows nothing of announces and of files.
import type Wire from 'bittorrent-protocol';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { Transfer, type TransferOptions } from '../data-path/transfer.js';
import { offerMetadata } from '../metadata/ut-metadata.js';
import { type AddedTorrent, addTorrent, destroyTorrent } from '../webtorrent/add-torrent.js';
import {
  type ConnectionDependencies,
  openPeerConnections,
  type PeerConnections,
  type PeerConnectionsOptions,
} from './peer-connections.js';

const destroyTimeoutMs = 1_000;

export interface AwakeTorrentOptions extends PeerConnectionsOptions {
  readonly metainfo: Metainfo;
  readonly transfer: TransferOptions;
  /** It has ended by itself. Called at most once. */
  readonly onError: (error: Error) => void;
}

export class AwakeTorrent {
  readonly transfer: Transfer;
  readonly connections: PeerConnections;
  readonly #added: AddedTorrent;

  constructor(dependencies: ConnectionDependencies, options: AwakeTorrentOptions) {
    const { metainfo, onError } = options;
    const { infoHash, isPrivate, info } = metainfo;
    const transfer = new Transfer(options.transfer);
    this.transfer = transfer;
    this.#added = addTorrent(dependencies.client, {
      infoHash,
      isPrivate,
      onError,
      sendBitfield: (wire) => transfer.sendBitfield(wire),
    });
    const { torrent } = this.#added;
    torrent.on('wire', (wire: Wire) => {
      transfer.add(wire);
      offerMetadata(wire, info);
    });
    this.connections = openPeerConnections(dependencies, torrent, options);
  }

  /** What lies on disk is known. To be called once. */
  begin(have: Uint8Array): void {
    this.transfer.begin(have);
    this.#added.ready();
  }

  /** Hangs up, and dials no more. Resolves when the connections are gone, or after a second. Never rejects. */
  disconnect(): Promise<void> {
    this.connections.stop();
    return destroyTorrent(this.#added.torrent, destroyTimeoutMs);
  }
}
