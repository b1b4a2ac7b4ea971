// The parts of bittorrent-protocol 5 (the peer wire protocol, BEP 3, 6, 10) the engine uses, internals included. What is
// underscored is touched in src/engine/webtorrent alone.
declare module 'bittorrent-protocol' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  /** What the ut_metadata extension of a wire looks like from outside; the engine replaces its methods. */
  export interface MetadataExtension {
    onExtendedHandshake(handshake: Record<string, unknown>): void;
    onMessage(payload: Uint8Array): void;
    setMetadata(metadata: unknown): void;
    fetch(): void;
    cancel(): void;
  }

  /** `name` stands on its prototype. */
  export interface WireExtension {
    onMessage(payload: Uint8Array): void;
  }

  /** Message stream encryption of one connection. */
  export interface MessageStreamEncryptor {
    /** The shared secret, and the info hash in hex, once they are known. */
    readonly S: Uint8Array | null;
    readonly skeyHex: string | null;
    /** Whether what follows the handshake is encrypted too. */
    readonly _isEncrypted: boolean;
    encryptCipher: ((bytes: Uint8Array) => Uint8Array) | null;
    decryptCipher: ((bytes: Uint8Array) => Uint8Array) | null;
    /** The group and the private key, made when they are first asked for. */
    readonly dh: {
      generateKeys(): Uint8Array;
      computeSecret(publicKey: Uint8Array): Uint8Array;
    };
    /** The public key of a peer that dialled us has come. */
    handleStepB1(publicKey: Uint8Array): void;
    /** `A` dialled. */
    _initializeCiphers(party: 'A' | 'B'): void;
  }

  export default class Wire extends Duplex {
    readonly type: string;
    /** The other side's peer id, in hex. */
    readonly peerId: string | null;
    readonly remoteAddress?: string;
    readonly remotePort?: number;
    readonly amChoking: boolean;
    readonly amInterested: boolean;
    readonly peerChoking: boolean;
    readonly peerInterested: boolean;
    readonly hasFast: boolean;
    readonly peerExtensions: { readonly dht?: boolean };
    readonly extendedHandshake: Record<string, unknown>;
    readonly peerExtendedHandshake: Record<string, unknown>;
    readonly extendedMapping: Record<number, string>;
    readonly peerExtendedMapping: Record<string, number>;
    /** Payload bytes. */
    uploaded: number;
    downloaded: number;
    readonly ut_metadata: MetadataExtension;
    use(extension: new (wire: Wire) => WireExtension): void;
    /** Not for private torrents. Emits `peer` and `dropped`, with `host:port`. */
    readonly ut_pex?: EventEmitter;
    readonly lt_donthave: { onMessage(payload: Uint8Array): void };
    constructor(type?: string, encryption?: 0 | 1 | 2);
    handshake(
      infoHash: string,
      peerId: string,
      extensions: { readonly dht: boolean; readonly fast: boolean },
    ): void;
    extended(name: string, payload: Uint8Array): void;
    setInfoHash(infoHash: string): void;
    choke(): void;
    unchoke(): void;
    interested(): void;
    uninterested(): void;
    bitfield(bits: Uint8Array): void;
    haveAll(): void;
    haveNone(): void;
    reject(index: number, offset: number, length: number): void;
    readonly _finished: boolean;
    readonly _encryptor: MessageStreamEncryptor | null;
    /** What has come of the message at hand. */
    readonly _buffer: readonly Uint8Array[];
    readonly _bufferSize: number;
    /** What is enough for `_parser`. */
    readonly _parserSize: number;
    /** What it looks for among all that comes. */
    readonly _cryptoSyncPattern: Uint8Array | null;
    /** Hears of the next bytes, once there are enough. */
    readonly _parser: ((bytes: Uint8Array) => void) | null;
    _write(bytes: Uint8Array, callback: (error: Error | null) => void): void;
    _parse(sizeBytes: number, parser: (bytes: Uint8Array) => void): void;
    _onMessageLength(bytes: Uint8Array): void;
    _debug: (...words: readonly unknown[]) => void;
    _onKeepAlive(): void;
    _onChoke(): void;
    _onUnchoke(): void;
    _onInterested(): void;
    _onUninterested(): void;
    _onPort(port: number): void;
    _onExtended(extension: number, payload: Uint8Array): void;
  }
}
