// What is used of bittorrent-tracker 11.2, which ships no types; read off its sources.

/** The tracker alone, without the client and what that pulls in for WebRTC. */
declare module 'bittorrent-tracker/server' {
  import type { RemoteInfo, Socket } from 'node:dgram';
  import { EventEmitter } from 'node:events';
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

  /** A request as parsed. All but `action` and `type` may be anything at all, chosen by the peer. */
  export interface ParsedRequest {
    /** 1: announce. 2: scrape. */
    readonly action: number;
    readonly type: 'http' | 'udp';
    readonly info_hash?: unknown;
    readonly peer_id?: unknown;
    readonly ip?: unknown;
    readonly port?: unknown;
    readonly left?: unknown;
    readonly event?: unknown;
    readonly numwant?: unknown;
    /** Set for UDP. */
    readonly key?: unknown;
    /** Set for HTTP. */
    readonly httpReq?: IncomingMessage;
  }

  /** What the server itself reads of an announce; the rest is between its caller and the swarm. */
  export interface AnnounceParams {
    readonly action: 1;
    /** 40 hex digits. */
    readonly info_hash: string;
    readonly event: string;
    /** 1: `peers` and `peers6` of the response are compact (BEP 23, BEP 7). */
    readonly compact: 1;
  }

  export interface SwarmAnswer {
    readonly complete: number;
    readonly incomplete: number;
    readonly peers: readonly { readonly ip: string; readonly port: number }[];
    /** In seconds. */
    readonly 'min interval'?: number;
  }

  /** What `getSwarm` must hand over. */
  export interface AnnouncedSwarm<Announce extends AnnounceParams> {
    announce(params: Announce, answer: (error: Error | null, response?: SwarmAnswer) => void): void;
  }

  export interface AnnounceResponse {
    readonly peers: Uint8Array;
    readonly peers6: Uint8Array;
  }

  export interface ScrapeResponse {
    readonly action: 2;
    /** Written to UDP in this order. */
    readonly files: readonly {
      readonly complete: number;
      readonly downloaded: number;
      readonly incomplete: number;
    }[];
  }

  export type Answer = (error: Error | null, response?: AnnounceResponse | ScrapeResponse) => void;

  export default class Server<Announce extends AnnounceParams> extends EventEmitter {
    constructor(options?: ServerOptions);
    /** The sockets answers to UDP requests leave through. */
    udp4: Socket | null;
    udp6: Socket | null;
    getSwarm(
      infoHash: string,
      callback: (error: Error | null, swarm?: AnnouncedSwarm<Announce>) => void,
    ): void;
    onHttpRequest(request: IncomingMessage, response: ServerResponse): void;
    onUdpRequest(message: Buffer, sender: RemoteInfo): void;
    /** Every parsed request, of either protocol, passes here. */
    protected _onRequest(params: ParsedRequest | Announce, answer: Answer): void;
    close(callback?: () => void): void;
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
