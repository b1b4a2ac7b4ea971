// What the tests use of bittorrent-tracker 11.2, which ships no types; read off its sources.

/** The tracker alone, without the client and what that pulls in for WebRTC. */
declare module 'bittorrent-tracker/server' {
  import type { RemoteInfo, Socket } from 'node:dgram';
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface ServerOptions {
    /** In milliseconds; told to clients in seconds. */
    readonly interval?: number;
    /** `false`: open no such socket; requests are handed to `onHttpRequest` and `onUdpRequest`. */
    readonly http?: boolean;
    readonly udp?: boolean;
    readonly ws?: boolean;
    readonly stats?: boolean;
  }

  export default class Server {
    constructor(options?: ServerOptions);
    /** The socket answers to UDP requests leave through. */
    udp4: Socket | null;
    onHttpRequest(request: IncomingMessage, response: ServerResponse): void;
    onUdpRequest(message: Buffer, sender: RemoteInfo): void;
  }
}

declare module 'bittorrent-tracker' {
  import { EventEmitter } from 'node:events';

  export interface ClientOptions {
    /** 40 hex digits, or 20 bytes; `peerId` likewise. */
    readonly infoHash: string | Uint8Array;
    readonly peerId: string | Uint8Array;
    /** The peer port that is announced. */
    readonly port: number;
    readonly announce: string | readonly string[];
  }

  export interface AnnounceOptions {
    readonly left?: number;
    readonly uploaded?: number;
    readonly downloaded?: number;
    readonly numwant?: number;
    /** Over HTTP, every further field becomes a parameter of the query. */
    readonly ip?: string;
  }

  export interface AnnounceUpdate {
    readonly announce: string;
    readonly complete: number;
    readonly incomplete: number;
  }

  export interface ScrapeUpdate extends AnnounceUpdate {
    readonly infoHash: string;
    readonly downloaded: number;
  }

  interface ClientEvents {
    update: [data: AnnounceUpdate];
    /** `host:port` */
    peer: [address: string];
    scrape: [data: ScrapeUpdate];
    warning: [error: Error];
    error: [error: Error];
  }

  /** A tracker client: announces one torrent to its trackers. */
  export default class Client extends EventEmitter<ClientEvents> {
    constructor(options: ClientOptions);
    /** Announces `started`, and goes on announcing at the interval the tracker asks for. */
    start(options?: AnnounceOptions): void;
    update(options?: AnnounceOptions): void;
    complete(options?: AnnounceOptions): void;
    stop(options?: AnnounceOptions): void;
    scrape(options?: { readonly infoHash?: string | readonly string[] }): void;
    destroy(callback?: () => void): void;
  }
}
