// One peer of a swarm made by hand: it knows what it is asked for, and sends what a test says, in any order, at any time.
import Wire from 'bittorrent-protocol';
import type { Sender } from '../../../src/engine/data-path/pieces/block-source.js';
import type { PeerPieces } from '../../../src/engine/data-path/pieces/peer-pieces.js';
import { RequestPipeline } from '../../../src/engine/data-path/requests/request-pipeline.js';
import type { HandmadeSwarm } from './handmade-swarm.js';

export interface Block {
  readonly index: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface PeerOptions {
  readonly reqq?: number;
  /** The fast extension (BEP 6). */
  readonly hasFast?: boolean;
  /** Until it says otherwise. */
  readonly isChoking?: boolean;
}

export class HandmadePeer {
  /** Asked for, and neither sent nor cancelled, in order. */
  readonly asked: Block[] = [];
  readonly cancelled: Block[] = [];
  readonly sender: Sender;
  readonly pipeline: RequestPipeline;
  readonly pieces: PeerPieces;
  /** How many blocks it was ever asked for. */
  everAsked = 0;
  /** Sends nothing by itself. */
  isHoldingBack = false;
  isClosed = false;
  readonly #swarm: HandmadeSwarm;
  readonly #wire: Wire & { peerChoking: boolean };
  readonly #options: PeerOptions;
  #coming: Block | undefined;
  /** Where the block goes that is coming; -1: nowhere. */
  #at = -1;

  constructor(swarm: HandmadeSwarm, pieces: PeerPieces, host: string, options: PeerOptions) {
    this.#swarm = swarm;
    this.#options = options;
    this.pieces = pieces;
    this.sender = { host, port: 1 };
    const { reqq, hasFast = false, isChoking = false } = options;
    this.#wire = Object.assign(new Wire(), {
      peerChoking: isChoking,
      hasFast,
      peerExtendedHandshake: reqq === undefined ? {} : { reqq },
    });
    const { download, limit } = swarm;
    const peer = this;
    this.pipeline = new RequestPipeline({
      download,
      pieces,
      limit,
      sender: this.sender,
      connection: {
        run: (task) => task(),
        wire: this.#wire,
        get isClosed() {
          return peer.isClosed;
        },
        send: (bytes) => this.#heard(Buffer.from(bytes)),
        close: () => this.leave(),
        discardBlock: () => {
          this.#at = -1;
        },
      },
    });
    swarm.peers.add(this);
    for (let index = 0; index < pieces.pieceCount; index++) {
      if (!pieces.hasAll && pieces.has(index)) download.picker.incrementAvailability(index);
    }
    if (pieces.hasAll) download.picker.addSeeder();
    this.#isSeeder = pieces.hasAll;
    download.add(this.pipeline);
    this.pipeline.wake();
  }

  readonly #isSeeder: boolean;

  /** Between the begin of a block and its end. */
  get isSending(): boolean {
    return this.#coming !== undefined;
  }

  get isChoking(): boolean {
    return this.#wire.peerChoking;
  }

  /** How many blocks are the most that it may be asked for at once, whatever it sends. */
  get mostAsked(): number {
    return Math.min(500, this.#options.reqq ?? 250);
  }

  /** Sends a block as it was asked for, or with other bytes in it; true if it was taken. */
  send(block: Block, change: (bytes: Buffer) => void = () => {}): boolean {
    const isTaken = this.beginToSend(block);
    this.endSending(change);
    return isTaken;
  }

  /** The header of a block has come, its bytes have not. */
  beginToSend(block: Block): boolean {
    this.#forget(block);
    const { index, offsetBytes, lengthBytes } = block;
    this.#at = this.pipeline.blockBegan(index, offsetBytes, lengthBytes);
    this.#coming = block;
    return this.#at !== -1;
  }

  /** Its bytes have come. True if they went anywhere. */
  endSending(change: (bytes: Buffer) => void = () => {}): boolean {
    const [block, at] = [this.#coming, this.#at];
    this.#coming = undefined;
    this.#at = -1;
    if (block === undefined || this.isClosed) return false;
    if (at !== -1) {
      const from = block.index * this.#swarm.pieceLengthBytes + block.offsetBytes;
      const bytes = Buffer.from(this.#swarm.content.subarray(from, from + block.lengthBytes));
      change(bytes);
      bytes.copy(this.#swarm.buffers.memory, at);
      this.pipeline.blockEnded();
    }
    this.pipeline.readEnded();
    return at !== -1;
  }

  /** Sends the oldest of what it was asked for. */
  sendNext(change?: (bytes: Buffer) => void): boolean {
    const [block] = this.asked;
    return block !== undefined && this.send(block, change);
  }

  /** Sends whatever it is asked for until it is asked for nothing. */
  sendAll(change?: (bytes: Buffer) => void): void {
    while (this.asked.length > 0) this.sendNext(change);
  }

  reject(block: Block): void {
    this.#forget(block);
    this.pipeline.rejected(block.index, block.offsetBytes, block.lengthBytes);
  }

  choke(): void {
    this.#wire.peerChoking = true;
    const owed = this.asked.splice(0);
    this.pipeline.choked();
    if (this.#wire.hasFast) for (const block of owed) this.reject(block);
  }

  unchoke(): void {
    this.#wire.peerChoking = false;
    this.pipeline.unchoked();
  }

  leave(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.asked.length = 0;
    this.#swarm.peers.delete(this);
    const { picker } = this.#swarm.download;
    if (this.#isSeeder) picker.removeSeeder();
    else {
      for (let index = 0; index < this.pieces.pieceCount; index++) {
        if (this.pieces.has(index)) picker.decrementAvailability(index);
      }
    }
    this.pipeline.close();
    this.#swarm.download.remove(this.pipeline);
  }

  #forget(block: Block): void {
    const at = this.asked.findIndex((other) => isSame(other, block));
    if (at !== -1) this.asked.splice(at, 1);
  }

  #heard(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 17) {
      const block = {
        index: bytes.readUInt32BE(at + 5),
        offsetBytes: bytes.readUInt32BE(at + 9),
        lengthBytes: bytes.readUInt32BE(at + 13),
      };
      if (bytes[at + 4] === 6) this.#askedFor(block);
      else {
        this.cancelled.push(block);
        this.#forget(block);
      }
    }
  }

  #askedFor(block: Block): void {
    const { violations } = this.#swarm;
    const name = `${this.sender.host} for ${block.index}:${block.offsetBytes}`;
    if (this.asked.some((other) => isSame(other, block))) violations.push(`asked ${name} twice`);
    if (!this.pieces.has(block.index)) violations.push(`asked ${name}, which it lacks`);
    if (this.isClosed) violations.push(`asked ${name}, which has left`);
    this.asked.push(block);
    this.everAsked += 1;
    if (this.asked.length > this.mostAsked) violations.push(`asked ${name} and too much`);
  }
}

export function isSame(block: Block, other: Block): boolean {
  return block.index === other.index && block.offsetBytes === other.offsetBytes;
}
