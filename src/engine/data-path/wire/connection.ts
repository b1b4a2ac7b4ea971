// One connection's bytes: what the socket reads is decrypted and parsed where it lies, what is said goes out in one
// write a turn. The handshake is left to the library; what the messages mean, to whoever hears them.
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { platform } from 'node:os';
import type Wire from 'bittorrent-protocol';
import type Peer from 'webtorrent/lib/peer.js';
import { runForTorrent } from '../../torrent-context.js';
import { type Ciphers, HandshakeReader } from '../../webtorrent/handshake-reader.js';
import type { IncompleteBytes } from '../budgets/incomplete-bytes.js';
import type { WorkBudget, WorkMeter } from '../budgets/work-budget.js';
import { readCost } from './message-costs.js';
import { MessageParser } from './parse.js';
import { type PeerMessageListener, ReceivedMessages } from './received-messages.js';
import { SendQueue } from './send-queue.js';

const readBytes = 128 * 2 ** 10;

/** One for all sockets: what was read is used up before the next read. Windows fills it at any time, and so has one each. */
const sharedBuffer = Buffer.allocUnsafeSlow(readBytes);

const bySocket = new WeakMap<Socket, Connection>();
const byWire = new WeakMap<Wire, Connection>();

/** As `net.connect`, for a peer: what is read is not allocated. */
export function connectToPeer(to: TcpNetConnectOpts): Socket {
  const buffer = platform() === 'win32' ? Buffer.allocUnsafeSlow(readBytes) : sharedBuffer;
  const socket: Socket = connect({
    noDelay: true,
    onread: {
      buffer,
      callback(lengthBytes, bytes) {
        bySocket.get(socket)?.take(bytes, lengthBytes);
        return true;
      },
    },
    ...to,
  });
  return socket;
}

/** Undefined for a wire that is no connection of this engine. */
export function connectionOf(wire: Wire): Connection | undefined {
  return byWire.get(wire);
}

/** What all connections of one engine share. */
export interface ConnectionResources {
  /** Where blocks go. */
  readonly memory: Uint8Array;
  readonly work: WorkBudget;
  /** Messages that are not whole. */
  readonly incomplete: IncompleteBytes;
}

export class Connection {
  readonly wire: Wire;
  readonly #work: WorkMeter;
  readonly #peer: Peer;
  readonly #messages: ReceivedMessages;
  readonly #parser: MessageParser;
  /** Until the handshake is over. */
  #handshake: HandshakeReader | undefined;
  #ciphers: Ciphers | undefined;
  readonly #outgoing: SendQueue;
  /** Whose work this is, once that is known. */
  #infoHash: string | undefined;
  #isClosed = false;
  readonly #onDrain: (() => void)[] = [];
  readonly #onClose: (() => void)[] = [];

  /** `peer` is connected, and has a wire. */
  constructor(peer: Peer, socket: Socket, wire: Wire, resources: ConnectionResources) {
    const { memory, incomplete } = resources;
    this.wire = wire;
    this.#work = resources.work.meter(socket.remoteAddress, {
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      hangUp: () => this.run(() => this.hangUp()),
    });
    this.#peer = peer;
    // A peer that takes nothing of what it asked for: that is no garbage, its line may be dead.
    this.#outgoing = new SendQueue(socket, () => this.close());
    this.#messages = new ReceivedMessages(this, { work: this.#work, incomplete });
    this.#parser = new MessageParser(this.#messages, memory);
    this.#handshake = new HandshakeReader(wire);
    byWire.set(wire, this);
    bySocket.set(socket, this);
    this.onClose(() => {
      this.#work.close();
      incomplete.keeps(this.#messages, 0);
    });
    socket.on('data', (chunk: Buffer) => this.take(chunk, chunk.length));
    socket.on('drain', () => this.#drained());
    socket.once('close', () => {
      this.close();
      this.#outgoing.socketClosed();
    });
    this.#takeOverFrom(wire);
  }

  /** What comes from now on is the work of that torrent, and `listener` hears of it; none: nobody wants pieces yet. */
  assign(infoHash: string, listener?: PeerMessageListener): void {
    this.#infoHash = infoHash;
    this.#messages.listener = listener ?? this.#messages.listener;
  }

  /** As the work of its torrent: what calls from a timer or the like that torrents share, goes through here. */
  run(task: () => void): void {
    if (this.#infoHash === undefined) task();
    else runForTorrent(this.#infoHash, task);
  }

  /** Whether the peer has said that it has everything, or wants nothing more. */
  get wantsNothing(): boolean {
    return this.#messages.listener?.wantsNothing ?? false;
  }

  /** Who named the peer, as it was given where it was dialled; null: it dialled us. */
  get source(): string | null {
    return this.#peer.source;
  }

  /** All that follows the handshake is. */
  get isEncrypted(): boolean {
    return this.#ciphers !== undefined;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Said, and not yet taken by the system. */
  get unsentBytes(): number {
    return this.#outgoing.unsentBytes;
  }

  /** Says `bytes`, a whole number of messages, which must not change before they are sent. */
  send(bytes: Uint8Array): void {
    this.#outgoing.send(bytes);
  }

  /** As `send`, of many that go out together, `lengthBytes` in all. */
  sendAll(messages: readonly Uint8Array[], lengthBytes: number): void {
    this.#outgoing.sendAll(messages, lengthBytes);
  }

  /** Called once, when what was said just before has been taken by the system, or never will be: its memory is free. */
  onFlushed(listener: () => void): void {
    this.#outgoing.onFlushed(listener);
  }

  /** It makes us work beyond what every message of its kind does. */
  charge(workUnits: number): void {
    this.#work.charge(workUnits);
  }

  /** So many bytes that were asked for have gone out, or as much metadata has come. */
  earn(lengthBytes: number): void {
    this.#work.earn(lengthBytes);
  }

  /** The rest of the block that is coming in goes nowhere. */
  discardBlock(): void {
    this.#parser.discardBlock();
  }

  /** Called when what was said has gone out. */
  onDrain(listener: () => void): void {
    this.#onDrain.push(listener);
  }

  /** Called once, when nothing more will come or go. */
  onClose(listener: () => void): void {
    if (this.#isClosed) listener();
    else this.#onClose.push(listener);
  }

  /** For garbage: reads nothing more, closes, and says so by the wire's `garbage` event. */
  hangUp(): void {
    if (this.#isClosed) return;
    this.wire.emit('garbage');
    this.close();
  }

  /** What was said before still goes out, as far as the system takes it at once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parser.stop();
    for (const listener of this.#onClose) listener();
    this.wire.destroy();
    queueMicrotask(() => {
      this.#outgoing.flush();
      this.#peer.destroy();
    });
  }

  /** The first `lengthBytes` of `bytes` have come. */
  take(bytes: Uint8Array, lengthBytes: number): void {
    if (this.#isClosed) return;
    this.#work.charge(readCost(lengthBytes));
    const infoHash = this.#infoHash;
    try {
      if (infoHash === undefined) this.#take(bytes, lengthBytes);
      else runForTorrent(infoHash, () => this.#take(bytes, lengthBytes));
    } catch (thrown) {
      // A mistake of ours: it costs this connection, and is told.
      this.#messages.listener?.threw(thrown);
      this.close();
    }
    if (!this.#isClosed) this.#work.settle();
  }

  #take(bytes: Uint8Array, lengthBytes: number): void {
    if (this.#handshake === undefined) {
      this.#ciphers?.decrypt.apply(bytes, 0, lengthBytes);
      this.#parse(bytes, lengthBytes);
    } else {
      this.#shakeHands(this.#handshake, bytes.subarray(0, lengthBytes));
    }
  }

  #shakeHands(handshake: HandshakeReader, bytes: Uint8Array): void {
    let behind: Uint8Array | undefined;
    try {
      behind = handshake.read(bytes);
    } catch {
      this.hangUp();
    }
    if (behind === undefined || this.#isClosed) return;
    this.#ciphers = handshake.ciphers;
    this.#outgoing.encryptWith(this.#ciphers);
    this.#handshake = undefined;
    if (behind.length > 0) this.#parse(behind, behind.length);
  }

  #parse(bytes: Uint8Array, lengthBytes: number): void {
    this.#parser.push(bytes, lengthBytes);
    this.#messages.readEnded();
  }

  /** The library says what it has to say through here, and closes through here. */
  #takeOverFrom(wire: Wire): void {
    const { push, destroy } = wire;
    wire.push = (bytes: Uint8Array | null) => {
      if (bytes === null) return push.call(wire, null);
      this.#outgoing.queue(bytes);
      return true;
    };
    let isEnding = false;
    wire.destroy = () => {
      if (isEnding) return wire;
      isEnding = true;
      destroy.call(wire);
      this.close();
      return wire;
    };
  }

  #drained(): void {
    for (const listener of this.#onDrain) listener();
  }
}
