// The parts of webtorrent 3.0.21 the engine uses. Underscored members are its internals, written down on purpose:
// a new version must be checked against this list.
declare module 'webtorrent' {
  import type { EventEmitter } from 'node:events';
  import type { Server, Socket } from 'node:net';
  import type Wire from 'bittorrent-protocol';
  import type Peer from 'webtorrent/lib/peer.js';
  import type { ThrottleGroups } from 'webtorrent/lib/peer.js';

  export interface ClientOptions {
    readonly peerId: Uint8Array;
    /** Handed to `net.Server.listen` as it stands. */
    readonly torrentPort: { readonly port: number; readonly host: string };
    readonly tracker: false;
    readonly lsd: false;
    readonly natUpnp: false;
    readonly natPmp: false;
    readonly utp: false;
    readonly webSeeds: false;
    readonly dht: false;
    readonly maxConns: number;
  }

  /** What parse-torrent makes of metainfo, and the torrent takes for its own. */
  export interface ParsedTorrent {
    readonly infoHash: string;
    readonly private?: boolean;
    readonly info?: object;
    readonly torrentFile?: object;
    readonly length?: number;
    readonly pieceLength?: number;
    readonly lastPieceLength?: number;
    /** SHA-1 of every piece, in hex. */
    readonly pieces?: readonly string[];
    readonly files?: readonly { path: string; name: string; length: number; offset: number }[];
  }

  /** abstract-chunk-store, as a torrent calls it. */
  export interface ChunkStore {
    readonly chunkLength: number;
    get(
      index: number,
      options: { readonly offset?: number; readonly length?: number } | null,
      callback: (error: Error | null, bytes?: Uint8Array) => void,
    ): void;
    put(index: number, bytes: Uint8Array, callback: (error: Error | null) => void): void;
    close(callback: (error: Error | null) => void): void;
    destroy(callback: (error: Error | null) => void): void;
  }

  export interface TorrentOptions {
    readonly preloadedStore?: ChunkStore;
    readonly storeCacheSlots?: number;
  }

  export interface Torrent extends EventEmitter {
    readonly infoHash: string;
    readonly destroyed: boolean;
    readonly wires: readonly Wire[];
    readonly _peers: Map<string, Peer>;
    _debug: (...words: readonly unknown[]) => void;
    discovery: { complete(): void; destroy(callback: () => void): void } | null;
    destroy(callback?: (error?: Error | null) => void): void;
    _addIncomingPeer(peer: Peer): void;
    _registerPeer(peer: Peer): void;
    readonly _rechokeIntervalId: NodeJS.Timeout | undefined;
    _onParsedTorrent(torrent: ParsedTorrent): void;
    _processParsedTorrent(torrent: ParsedTorrent): void;
    _startDiscovery(): void;
    _onMetadata(metadata: unknown): void;
    _verifyPieces(callback: (error?: Error | null) => void): void;
    /** Listens to a peer once the torrent is ready, a moment after its handshake. */
    _onWireWithMetadata(wire: Wire): void;
  }

  export interface ConnectionPool {
    readonly tcpServer: Server;
    readonly _onTCPError: (error: Error) => void;
    _onConnection(socket: Socket, type: string): void;
  }

  export default class WebTorrent extends EventEmitter {
    constructor(options: ClientOptions);
    /** Hex. */
    readonly peerId: string;
    readonly destroyed: boolean;
    /** A number once the client listens. */
    readonly torrentPort: unknown;
    readonly torrents: readonly Torrent[];
    readonly throttleGroups: ThrottleGroups;
    readonly _connPool: ConnectionPool | null;
    /** `null`: it is parsed later. */
    add(torrent: null, options: TorrentOptions): Torrent;
    destroy(callback: (error?: Error | null) => void): void;
  }
}

declare module 'webtorrent/lib/peer.js' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type Wire from 'bittorrent-protocol';
  import type { Torrent } from 'webtorrent';

  export interface ThrottleGroups {
    readonly down: object;
    readonly up: object;
  }

  /** One connection of a torrent. Emits `connect`, `disconnect`, `download` and `upload` (bytes). */
  export default class Peer extends EventEmitter {
    /** `host:port`. */
    readonly id: string;
    readonly destroyed: boolean;
    sentHandshake: boolean;
    conn: Socket | null;
    swarm: Torrent | null;
    readonly wire: Wire | null;
    /** As it was dialled; null for one that dialled us. */
    readonly source: string | null;
    readonly throttleGroups: ThrottleGroups;
    onConnect(): void;
    /** Moves the bytes between `conn` and `wire`. */
    setThrottlePipes(): void;
    onHandshake(infoHash: string, peerId: string): void;
    handshake(): void;
    destroy(error?: Error): void;
    /**
     * `secure` 0: plaintext; 1: message stream encryption, and plaintext when the other side speaks first; 2: encrypted
     * to the end, or not at all.
     */
    static createTCPOutgoingPeer(
      address: string,
      torrent: Torrent,
      throttleGroups: ThrottleGroups,
      source: string,
      secure: 0 | 1 | 2,
    ): Peer;
    static createTCPIncomingPeer(
      socket: Socket,
      throttleGroups: ThrottleGroups,
      secure: 0 | 1 | 2,
    ): Peer;
  }
}
