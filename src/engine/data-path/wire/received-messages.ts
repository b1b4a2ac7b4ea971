// What every message of a peer passes through, in this order: what it costs, a look whether it can be true, and then
// whoever it is for: the torrent's listener, or the library that keeps the protocol's state. A message that no peer
// sends ends the connection, and nothing else.
import { messageLimits } from '../../../limits.js';
import {
  messageId,
  receiveChoke,
  receiveExtended,
  receiveInterested,
  receivePort,
  receiveUnchoke,
  receiveUninterested,
} from '../../webtorrent/wire-messages.js';
import type { IncompleteBytes, Keeper } from '../budgets/incomplete-bytes.js';
import type { WorkMeter } from '../budgets/work-budget.js';
import type { Connection } from './connection.js';
import {
  extensionCost,
  haveCost,
  keepAliveCost,
  messageCost,
  requestCost,
} from './message-costs.js';
import { isPossible, mostPayloadBytesOf } from './message-limits.js';
import { type MessageSink, uint32At } from './parse.js';

/** The torrent's side of a connection: what it does with what the peer at the other end says. */
export interface PeerMessageListener {
  readonly pieceCount: number;
  readonly blocksPerPiece: number;
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

export interface MessageBudgets {
  readonly work: Pick<WorkMeter, 'charge' | 'earn'>;
  /** Messages that are not whole, of all connections. */
  readonly incomplete: Pick<IncompleteBytes, 'keeps'>;
}

export class ReceivedMessages implements MessageSink, Keeper {
  listener: PeerMessageListener | undefined;
  readonly #connection: Pick<Connection, 'wire' | 'hangUp'>;
  readonly #budgets: MessageBudgets;
  #receivedBytes = 0;
  #unaskedBytes = 0;
  /** Of blocks that were asked for, in the read at hand. */
  #askedBytesInRead = 0;
  /** Of the block that came last, or is coming. */
  #comingBytes = 0;

  constructor(connection: Pick<Connection, 'wire' | 'hangUp'>, budgets: MessageBudgets) {
    this.#connection = connection;
    this.#budgets = budgets;
  }

  blockBegan(index: number, offsetBytes: number, lengthBytes: number): number {
    const startBytes = this.listener?.blockBegan(index, offsetBytes, lengthBytes) ?? -1;
    if (startBytes === -1) {
      this.#unaskedBytes += lengthBytes;
      if (this.#unaskedBytes > messageLimits.unaskedBytes + this.#receivedBytes / 4)
        this.malformed();
    } else {
      this.#askedBytesInRead += lengthBytes;
      this.#comingBytes = lengthBytes;
    }
    return startBytes;
  }

  blockEnded(): void {
    this.#budgets.work.earn(this.#comingBytes);
    this.listener?.blockEnded();
  }

  request(index: number, offsetBytes: number, lengthBytes: number): void {
    this.#budgets.work.charge(requestCost);
    this.listener?.requested(index, offsetBytes, lengthBytes);
  }

  have(index: number): void {
    this.#budgets.work.charge(haveCost);
    if (this.listener === undefined) return;
    if (index < this.listener.pieceCount) this.listener.has(index);
    else this.malformed();
  }

  message(id: number, payload: Uint8Array): void {
    const pieceCount = this.listener?.pieceCount;
    if (id !== messageId.extended) this.#budgets.work.charge(messageCost(id, this.listener));
    if (isPossible(this.#connection.wire, id, payload, pieceCount)) this.#pass(id, payload);
    else this.malformed();
  }

  keepAlive(): void {
    this.#budgets.work.charge(keepAliveCost);
  }

  /** Nobody keeps what pieces there are as long as nobody wants any: a bitfield is long. */
  isWanted(id: number): boolean {
    return id !== messageId.bitfield || this.listener !== undefined;
  }

  gathers(lengthBytes: number): void {
    this.#budgets.incomplete.keeps(this, lengthBytes);
  }

  /** What has come of a message is too much, or its rest is too long in coming. */
  letGo(): void {
    this.#connection.hangUp();
  }

  mostPayloadBytes(id: number): number {
    return mostPayloadBytesOf(id, this.listener?.pieceCount);
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
        listener?.allowedFast(uint32At(payload, 0));
        break;
      case messageId.cancel:
        listener?.cancelled(uint32At(payload, 0), uint32At(payload, 4), uint32At(payload, 8));
        break;
      case messageId.reject:
        listener?.rejected(uint32At(payload, 0), uint32At(payload, 4), uint32At(payload, 8));
        break;
      case messageId.port:
        receivePort(wire, portAt(payload));
        break;
      case messageId.extended:
        this.#passExtension(payload);
        break;
    }
  }

  #passExtension(payload: Uint8Array): void {
    const { wire } = this.#connection;
    const [extension = 0] = payload;
    const name = wire.extendedMapping[extension];
    this.#budgets.work.charge(extensionCost(extension, name, payload.length));
    try {
      // A copy, for whoever handles it may keep it; `slice` of a Buffer is none.
      receiveExtended(wire, extension, new Uint8Array(payload.subarray(1)));
    } catch {
      this.malformed();
      return;
    }
    if (Object.keys(wire.peerExtendedMapping).length > messageLimits.extensionsPerPeer)
      this.malformed();
    else if (extension === 0) this.listener?.extendedHandshakeReceived();
  }
}

function portAt([high = 0, low = 0]: Uint8Array): number {
  return high * 256 + low;
}
