// How many messages of the rarer kinds a peer may send, how long each may be, and whether it can be true: what is not so
// ends the connection. Haves, requests and blocks have limits of their own.
import type Wire from 'bittorrent-protocol';
import { messageId } from '../../webtorrent/wire-messages.js';
import { uint32At } from './parse.js';

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
/** BEP 11 has 100 peers in a message of peer exchange, and a handshake of extensions is shorter. */
const longestShortExtensionBytes = 16 * 2 ** 10;
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

/** How long the payload of a message of this id may be. `pieceCount`: undefined as long as nobody wants pieces. */
export function mostPayloadBytesOf(id: number, pieceCount: number | undefined): number {
  if (id !== messageId.bitfield) return payloadBytesOf.get(id) ?? mostPayloadBytes;
  return pieceCount === undefined ? mostBitfieldBytes : Math.ceil(pieceCount / 8);
}

/** Of one connection. */
export class MessageLimits {
  readonly #wire: Pick<Wire, 'hasFast' | 'extendedMapping'>;
  #messages = 0;
  #messagesEndMs = 0;
  #bitfields = 0;
  #bitfieldsEndMs = 0;

  constructor(wire: Pick<Wire, 'hasFast' | 'extendedMapping'>) {
    this.#wire = wire;
  }

  /** Counts it. `pieceCount` as above. */
  allows(id: number, payload: Uint8Array, pieceCount: number | undefined): boolean {
    return !this.#isTooMany(id, pieceCount) && this.#isPossible(id, payload, pieceCount);
  }

  #isTooMany(id: number, pieceCount: number | undefined): boolean {
    if (bulkMessages.has(id)) return false;
    const nowMs = performance.now();
    if (nowMs >= this.#messagesEndMs) {
      this.#messages = 0;
      this.#messagesEndMs = nowMs + rateWindowMs;
    }
    this.#messages += 1;
    return this.#messages > mostMessagesAWindow || this.#isBitfieldTooMany(id, nowMs, pieceCount);
  }

  #isBitfieldTooMany(id: number, nowMs: number, pieceCount: number | undefined): boolean {
    const isBitfield =
      id === messageId.bitfield || id === messageId.haveAll || id === messageId.haveNone;
    if (!isBitfield || pieceCount === undefined) return false;
    if (nowMs >= this.#bitfieldsEndMs) {
      this.#bitfields = 0;
      this.#bitfieldsEndMs = nowMs + rateWindowMs;
    }
    this.#bitfields += 1;
    const enough = Math.min(mostBitfieldsAWindow, mostPiecesLookedAtAWindow / pieceCount);
    return this.#bitfields > Math.max(leastBitfieldsAWindow, enough);
  }

  #isPossible(id: number, payload: Uint8Array, pieceCount: number | undefined): boolean {
    switch (id) {
      case messageId.bitfield:
        return pieceCount === undefined || payload.length === Math.ceil(pieceCount / 8);
      case messageId.suggest:
      case messageId.haveAll:
      case messageId.haveNone:
      case messageId.reject:
        return this.#hasLengthOf(id, payload) && this.#wire.hasFast;
      case messageId.allowedFast: {
        const isFast = this.#hasLengthOf(id, payload) && this.#wire.hasFast;
        return isFast && (pieceCount === undefined || uint32At(payload, 0) < pieceCount);
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
    const isShort = extension === 0 || this.#wire.extendedMapping[extension] === 'ut_pex';
    return !isShort || payload.length <= longestShortExtensionBytes + 1;
  }
}
