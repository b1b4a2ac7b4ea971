// The parts of bittorrent-dht (BEP 5) the engine uses, internals included.
declare module 'bittorrent-dht' {
  import type { Socket } from 'node:dgram';
  import type { EventEmitter } from 'node:events';

  export interface DhtOptions {
    /** `host:port`; left out: the well-known ones. */
    readonly bootstrap?: readonly string[] | false;
    readonly socket?: Socket;
    /** The host that announces of our own are remembered for. */
    readonly host?: string;
  }

  /** A message of the DHT's wire protocol, before it is bencoded. */
  export interface KrpcMessage {
    readonly y: 'q' | 'r' | 'e';
    ro?: number;
  }

  /** As it was named, or as a datagram came from there. */
  export interface KrpcAddress {
    readonly host?: string;
    readonly address?: string;
    readonly port: number;
  }

  export class Client extends EventEmitter {
    constructor(options?: DhtOptions);
    readonly listening: boolean;
    readonly destroyed: boolean;
    readonly nodes: { toArray(): readonly unknown[] };
    readonly _rpc: {
      readonly socket: {
        send(to: KrpcAddress, message: KrpcMessage, callback?: (error: Error | null) => void): void;
      };
    };
    listen(port: number, host?: string, onListening?: () => void): void;
    address(): { readonly port: number; readonly address: string };
    addNode(node: { readonly host: string; readonly port: number }): void;
    lookup(infoHash: string, callback: (error?: Error | null) => void): () => void;
    announce(infoHash: string, port: number, callback: (error?: Error | null) => void): void;
    destroy(callback?: () => void): void;
    _onquery(query: object, from: object): void;
  }
}
