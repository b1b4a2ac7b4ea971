// The parts of bittorrent-protocol (the peer wire protocol, BEP 3, 6, 10) the engine uses, internals included.
declare module 'bittorrent-protocol' {
  import type { Duplex } from 'node:stream';

  export interface BitField {
    readonly buffer: Uint8Array;
    get(index: number): boolean;
    set(index: number, value: boolean): void;
    /** Missing in the stand-in for a peer that has everything (BEP 6). */
    readonly setAll?: unknown;
  }

  /** What the ut_metadata extension of a wire looks like from outside; the engine replaces its deeds. */
  export interface MetadataExtension {
    onExtendedHandshake(handshake: Record<string, unknown>): void;
    onMessage(payload: Uint8Array): void;
    setMetadata(metadata: unknown): void;
    fetch(): void;
    cancel(): void;
  }

  export default class Wire extends Duplex {
    readonly type: string;
    /** The other side's peer id, in hex. */
    readonly peerId: string | null;
    readonly remoteAddress?: string;
    readonly remotePort?: number;
    readonly amChoking: boolean;
    readonly peerChoking: boolean;
    readonly peerInterested: boolean;
    readonly hasFast: boolean;
    readonly peerPieces: BitField;
    readonly requests: readonly { piece: number; offset: number; length: number }[];
    readonly peerRequests: readonly unknown[];
    readonly extendedHandshake: Record<string, unknown>;
    readonly peerExtendedHandshake: Record<string, unknown>;
    readonly extendedMapping: Record<number, string>;
    readonly peerExtendedMapping: Record<string, number>;
    /** Payload bytes. */
    readonly uploaded: number;
    readonly downloaded: number;
    /** Bytes a second of payload lately; counts `bytes` first, if given. */
    downloadSpeed: (bytes?: number) => number;
    readonly ut_metadata: MetadataExtension;
    /** How many bytes of a message have come, and how many it takes to go on. */
    readonly _bufferSize: number;
    readonly _parserSize: number;
    readonly _readableState: { readonly buffered: number };
    handshake(
      infoHash: string,
      peerId: string,
      extensions: { readonly dht: boolean; readonly fast: boolean },
    ): void;
    extended(name: string, payload: Uint8Array): void;
    setTimeout(timeoutMs: number, unref: boolean): void;
    setInfoHash(infoHash: string): void;
    haveNone(): void;
    reject(index: number, offset: number, length: number): void;
    unchoke(): void;
    piece(index: number, offset: number, block: Uint8Array): void;
    constructor(type?: string, encryption?: 0 | 1 | 2);
    _write(bytes: Uint8Array, callback: (error: Error | null) => void): void;
    _read(callback: (error: Error | null) => void): void;
    _parse(sizeBytes: number, parser: (bytes: Uint8Array) => void): void;
    _onMessageLength(bytes: Uint8Array): void;
    _onHave(index: number): void;
    _onAllowedFast(index: number): void;
    _onBitField(bytes: Uint8Array): void;
    _onHaveAll(): void;
    _onHaveNone(): void;
    _onMessage(bytes: Uint8Array): void;
    _onExtended(extension: number, payload: Uint8Array): void;
    _push(bytes: Uint8Array): boolean;
    _onRequest(index: number, offset: number, length: number): void;
    _onPiece(index: number, offset: number, block: Uint8Array): void;
    _onCancel(index: number, offset: number, length: number): void;
  }
}
