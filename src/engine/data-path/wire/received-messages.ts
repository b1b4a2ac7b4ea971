// What every message of a peer passes through, in this order: a limit to how many, a look whether it can be true, and
// then whoever it is for: the torrent's listener, or the library that keeps the protocol's state. A message that no peer
// sends ends the connection, and nothing else.
import {
  messageId,
  receiveChoke,
  receiveExtended,
  receiveInterested,
  receivePort,
  receiveUnchoke,
  receiveUninterested,
} from '../../webtorrent/wire-messages.js';
import type { Connection } from './connection.js';
import type { MessageSink } from './parse.js';

/** The torrent's side of a connection: what it does with what the peer at the other end says. */
export interface PeerMessageListener {
  readonly pieceCount: number;
  /** It has everything, or wants nothing more. */
  readonly wantsNothing: boolean;
  blockBegan(index: number, offsetBytes: number, lengthBytes: number): number;
  blockEnded(): void;
  /** A whole read has been used up; so many bytes in it were of blocks that were asked for. */
  readEnded(askedBytes: number): void;
  requested(index: number, offsetBytes: number, lengthBytes: number): void;
  cancelled(index: number, offsetBytes: number, lengthBytes: number): void;
  rejected(index: number, offsetBytes: number, lengthBytes: number): void;
  /** `index` exists, as in all of these. */
  has(index: number): void;
  hasNot(index: number): void;
  /** Has the right length; lent. */
  hasBitfield(bits: Uint8Array): void;
  hasAll(): void;
  hasNone(): void;
  choked(): void;
  unchoked(): void;
  interested(): void;
  uninterested(): void;
  allowedFast(index: number): void;
  /** The handshake of extensions has come. */
  extendedHandshakeReceived(): void;
  /** Something here has thrown, which it must not. */
  threw(thrown: unknown): void;
}

const rateWindowMs = 10_000;
/** Of what is no have, block, request, cancel or reject a peer has little to say. */
const mostMessagesAWindow = 5_000;
/**
 * aria2 sends a bitfield again where that is shorter than to say what is new: some 70 times while it downloads a torrent.
 * Each costs a look at all pieces.
 */
const mostBitfieldsAWindow = 200;
const leastBitfieldsAWindow = 20;
const mostPiecesLookedAtAWindow = 20_000_000;
/** Blocks may cross with our cancelling them. */
const mostUnaskedBytes = 16 * 2 ** 20;
/** BEP 11 has 100 peers in a message of peer exchange, and a handshake of extensions is shorter. */
const longestShortExtensionBytes = 16 * 2 ** 10;
const mostExtensions = 100;
/** A piece of metadata (BEP 9) is 16 KiB and some; nothing of BEP 3, 5, 6, 10 or 11 is longer. */
const mostPayloadBytes = 32 * 2 ** 10;
/** Of a torrent whose metadata is still looked for: 8 million pieces. */
const mostBitfieldBytes = 2 ** 20;
const bulkMessages: ReadonlySet<number> = new Set([messageId.cancel, messageId.reject]);

const payloadBytesOf: ReadonlyMap<number, number> = new Map([
  [messageId.choke, 0],
  [messageId.unchoke, 0],
  [messageId.interested, 0],
  [messageId.uninterested, 0],
  [messageId.cancel, 12],
  [messageId.port, 2],
  [messageId.suggest, 4],
  [messageId.haveAll, 0],
  [messageId.haveNone, 0],
  [messageId.reject, 12],
  [messageId.allowedFast, 4],
]);

export class ReceivedMessages implements MessageSink {
  listener: PeerMessageListener | undefined;
  readonly #connection: Pick<Connection, 'wire' | 'hangUp'>;
  #messages = 0;
  #messagesEndMs = 0;
  #bitfields = 0;
  #bitfieldsEndMs = 0;
  #receivedBytes = 0;
  #unaskedBytes = 0;
  /** Of blocks that were asked for, in the read at hand. */
  #askedBytesInRead = 0;

  constructor(connection: Pick<Connection, 'wire' | 'hangUp'>) {
    this.#connection = connection;
  }

  blockBegan(index: number, offsetBytes: number, lengthBytes: number): number {
    const startBytes = this.listener?.blockBegan(index, offsetBytes, lengthBytes) ?? -1;
    if (startBytes === -1) {
      this.#unaskedBytes += lengthBytes;
      if (this.#unaskedBytes > mostUnaskedBytes + this.#receivedBytes / 4) this.malformed();
    } else {
      this.#askedBytesInRead += lengthBytes;
    }
    return startBytes;
  }

  blockEnded(): void {
    this.listener?.blockEnded();
  }

  request(index: number, offsetBytes: number, lengthBytes: number): void {
    this.listener?.requested(index, offsetBytes, lengthBytes);
  }

  have(index: number): void {
    if (this.listener === undefined) return;
    if (index < this.listener.pieceCount) this.listener.has(index);
    else this.malformed();
  }

  message(id: number, payload: Uint8Array): void {
    if (!this.#isTooMany(id) && this.#isPossible(id, payload)) this.#pass(id, payload);
    else this.malformed();
  }

  keepAlive(): void {}

  mostPayloadBytes(id: number): number {
    if (id !== messageId.bitfield) return payloadBytesOf.get(id) ?? mostPayloadBytes;
    return this.listener === undefined
      ? mostBitfieldBytes
      : Math.ceil(this.listener.pieceCount / 8);
  }

  malformed(): void {
    this.#connection.hangUp();
  }

  /** All of what was read has been parsed. */
  readEnded(): void {
    const { wire } = this.#connection;
    const bytes = this.#askedBytesInRead;
    if (bytes > 0) {
      this.#askedBytesInRead = 0;
      this.#receivedBytes += bytes;
      wire.downloaded += bytes;
    }
    this.listener?.readEnded(bytes);
  }

  #isTooMany(id: number): boolean {
    if (bulkMessages.has(id)) return false;
    const nowMs = performance.now();
    if (nowMs >= this.#messagesEndMs) {
      this.#messages = 0;
      this.#messagesEndMs = nowMs + rateWindowMs;
    }
    this.#messages += 1;
    return this.#messages > mostMessagesAWindow || this.#isBitfieldTooMany(id, nowMs);
  }

  #isBitfieldTooMany(id: number, nowMs: number): boolean {
    const isBitfield =
      id === messageId.bitfield || id === messageId.haveAll || id === messageId.haveNone;
    if (!isBitfield || this.listener === undefined) return false;
    if (nowMs >= this.#bitfieldsEndMs) {
      this.#bitfields = 0;
      this.#bitfieldsEndMs = nowMs + rateWindowMs;
    }
    this.#bitfields += 1;
    const enough = Math.min(
      mostBitfieldsAWindow,
      mostPiecesLookedAtAWindow / this.listener.pieceCount,
    );
    return this.#bitfields > Math.max(leastBitfieldsAWindow, enough);
  }

  #isPossible(id: number, payload: Uint8Array): boolean {
    const { listener } = this;
    switch (id) {
      case messageId.bitfield:
        return listener === undefined || payload.length === Math.ceil(listener.pieceCount / 8);
      case messageId.suggest:
      case messageId.haveAll:
      case messageId.haveNone:
      case messageId.reject:
        return this.#hasLengthOf(id, payload) && this.#connection.wire.hasFast;
      case messageId.allowedFast: {
        const isFast = this.#hasLengthOf(id, payload) && this.#connection.wire.hasFast;
        return isFast && (listener === undefined || numberAt(payload, 0) < listener.pieceCount);
      }
      case messageId.extended:
        return payload.length > 0 && this.#isExtensionPossible(payload[0] ?? 0, payload);
      default:
        return this.#hasLengthOf(id, payload);
    }
  }

  #hasLengthOf(id: number, payload: Uint8Array): boolean {
    return payload.length === (payloadBytesOf.get(id) ?? payload.length);
  }

  /** Names of extensions are remembered for as long as the connection lasts, and peers of peer exchange too. */
  #isExtensionPossible(extension: number, payload: Uint8Array): boolean {
    const isShort =
      extension === 0 || this.#connection.wire.extendedMapping[extension] === 'ut_pex';
    return !isShort || payload.length <= longestShortExtensionBytes + 1;
  }

  #pass(id: number, payload: Uint8Array): void {
    const { wire } = this.#connection;
    const { listener } = this;
    switch (id) {
      case messageId.choke:
        receiveChoke(wire);
        listener?.choked();
        break;
      case messageId.unchoke:
        receiveUnchoke(wire);
        listener?.unchoked();
        break;
      case messageId.interested:
        receiveInterested(wire);
        listener?.interested();
        break;
      case messageId.uninterested:
        receiveUninterested(wire);
        listener?.uninterested();
        break;
      case messageId.bitfield:
        listener?.hasBitfield(payload);
        break;
      case messageId.haveAll:
        listener?.hasAll();
        break;
      case messageId.haveNone:
        listener?.hasNone();
        break;
      case messageId.allowedFast:
        listener?.allowedFast(numberAt(payload, 0));
        break;
      case messageId.cancel:
        listener?.cancelled(numberAt(payload, 0), numberAt(payload, 4), numberAt(payload, 8));
        break;
      case messageId.reject:
        listener?.rejected(numberAt(payload, 0), numberAt(payload, 4), numberAt(payload, 8));
        break;
      case messageId.port:
        receivePort(wire, numberAt(payload, -2));
        break;
      case messageId.extended:
        this.#passExtension(payload);
        break;
    }
  }

  #passExtension(payload: Uint8Array): void {
    const { wire } = this.#connection;
    const [extension = 0] = payload;
    try {
      // A copy, for whoever handles it may keep it; `slice` of a Buffer is none.
      receiveExtended(wire, extension, new Uint8Array(payload.subarray(1)));
    } catch {
      this.malformed();
      return;
    }
    if (Object.keys(wire.peerExtendedMapping).length > mostExtensions) this.malformed();
    else if (extension === 0) this.listener?.extendedHandshakeReceived();
  }
}

/** Unsigned, the most significant byte first. */
function numberAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let nth = at; nth < at + 4; nth++) value = value * 256 + (bytes[nth] ?? 0);
  return value;
}
