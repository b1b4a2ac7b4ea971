// A download with peers made by hand: what they are asked for is read from the messages themselves, and they send what a
// test says, in any order, at any time. Memory, picking, pipelines, verifying and writing are real; disk and sockets are not.
import { createHash, randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Wire from 'bittorrent-protocol';
import { Download } from '../../src/engine/data-path/download/download.js';
import { StoredPieces } from '../../src/engine/data-path/download/stored-pieces.js';
import { WriteBatch } from '../../src/engine/data-path/download/write-batch.js';
import type { Sender } from '../../src/engine/data-path/pieces/block-source.js';
import { PeerPieces } from '../../src/engine/data-path/pieces/peer-pieces.js';
import { PieceBuffers } from '../../src/engine/data-path/pieces/piece-buffers.js';
import {
  createRateLimit,
  type RateLimit,
} from '../../src/engine/data-path/rate-limit/rate-limit.js';
import { RequestPipeline } from '../../src/engine/data-path/requests/request-pipeline.js';
import { createVerifier, type Verifier } from '../../src/engine/data-path/verify/verify.js';
import { Metainfo } from '../../src/metainfo/metainfo.js';
import { createBitfield } from '../../src/storage/layout/bitfield.js';
import type { TorrentStorage } from '../../src/storage/storage.js';

export const KiB = 1024;
export const MiB = 1024 * KiB;

export interface Block {
  readonly index: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** One that answers in a later turn, as a thread does. */
export function lateVerifier(buffers: PieceBuffers): Verifier {
  const verifier = createVerifier(buffers, 1);
  return {
    verify: (...asked) => void setImmediate(() => verifier.verify(...asked)),
    close: () => verifier.close(),
  };
}

/** One write to the disk. */
export interface Write {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Blocks of pieces that nobody has verified. */
  readonly isUnverified: boolean;
}

/** Holds writes back until it is opened. */
export class Gate {
  open: () => void = () => {};
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

export interface HandmadeOptions {
  readonly pieceCount: number;
  readonly pieceLengthBytes: number;
  /** Of the last piece; as long as the others if left out. */
  readonly lastPieceBytes?: number;
  readonly buffers?: PieceBuffers;
  readonly limit?: RateLimit;
  /** On one core, which hashes at once, if left out. */
  readonly verifier?: (buffers: PieceBuffers) => Verifier;
  /** Called before each write to the disk; who rejects is a disk that refuses. */
  readonly beforeWrite?: (write: Write) => Promise<void>;
  /** The same for reading back what is not verified. */
  readonly beforeRead?: () => Promise<void>;
}

export interface PeerOptions {
  readonly reqq?: number;
  /** The fast extension (BEP 6). */
  readonly hasFast?: boolean;
  /** Until it says otherwise. */
  readonly isChoking?: boolean;
}

export class HandmadeSwarm {
  readonly pieceCount: number;
  readonly pieceLengthBytes: number;
  readonly content: Buffer;
  readonly disk: Buffer;
  readonly buffers: PieceBuffers;
  readonly download: Download;
  readonly banned: Sender[] = [];
  /** Pieces that are verified and written, in order. */
  readonly written: number[] = [];
  /** What was named in the journal and what was written, in order. */
  readonly log: (Write | { readonly named: readonly number[] })[] = [];
  readonly failures: unknown[] = [];
  /** What no peer should ever see. */
  readonly violations: string[] = [];
  /** Those that have not left. */
  readonly peers = new Set<HandmadePeer>();
  readonly limit: RateLimit;
  readonly #writes: WriteBatch;
  readonly #stored: StoredPieces;
  #hosts = 0;

  constructor(options: HandmadeOptions) {
    const { pieceCount, pieceLengthBytes, beforeWrite = async () => {} } = options;
    const { lastPieceBytes = pieceLengthBytes, beforeRead = async () => {} } = options;
    this.pieceCount = pieceCount;
    this.pieceLengthBytes = pieceLengthBytes;
    this.content = randomBytes((pieceCount - 1) * pieceLengthBytes + lastPieceBytes);
    this.disk = Buffer.alloc(this.content.length);
    this.buffers = options.buffers ?? new PieceBuffers();
    this.limit = options.limit ?? createRateLimit(undefined);
    const metainfo = metainfoOf(this.content, pieceLengthBytes);
    const { buffers, disk, log } = this;
    const writeAs = (isUnverified: boolean) => {
      return async (offsetBytes: number, ...parts: readonly Uint8Array[]) => {
        const lengthBytes = parts.reduce((sum, { length }) => sum + length, 0);
        const write = { offsetBytes, lengthBytes, isUnverified };
        await beforeWrite(write);
        log.push(write);
        // What lies in memory now, not when the write was begun: as a disk does.
        Buffer.concat(parts).copy(disk, offsetBytes);
      };
    };
    const content: TorrentStorage = {
      readAhead: async () => {},
      readInto: async (from, target) => {
        await beforeRead();
        target.set(disk.subarray(from, from + target.length));
      },
      write: writeAs(false),
      writeUnverified: writeAs(true),
      markVerified: () => {},
      adopt: () => {},
      flush: async () => {},
      complete: async () => {},
      close: async () => {},
    };
    const journal = {
      writes: async (indices: readonly number[]) => void log.push({ named: [...indices] }),
      wrote: () => {},
    };
    const onFailed = (thrown: unknown) => void this.failures.push(thrown);
    this.#writes = new WriteBatch({
      ...{ metainfo, content, journal, onFailed, memory: buffers.memory },
      onWritten: (pieces) => {
        this.written.push(...pieces.map(({ index }) => index));
        this.download.written(pieces);
      },
      onLost: (pieces) => {
        for (const piece of pieces) if (!piece.isOnDisk) buffers.free(piece.startBytes);
      },
    });
    this.#stored = new StoredPieces({
      ...{ metainfo, content, journal, buffers, onFailed },
      onCaughtUp: () => this.download.wakeAll(),
    });
    this.download = new Download({
      ...{ metainfo, buffers, writes: this.#writes, stored: this.#stored },
      have: createBitfield(pieceCount),
      verifier: options.verifier?.(buffers) ?? createVerifier(buffers, 1),
      onBanned: (sender) => this.#ban(sender),
    });
  }

  /** A seeder, or a peer that has just these pieces. */
  peer(pieces?: readonly number[], options: PeerOptions = {}): HandmadePeer {
    const has = new PeerPieces(this.pieceCount);
    if (pieces === undefined) has.addAll(() => {});
    else for (const index of pieces) has.add(index);
    const peer = new HandmadePeer(this, has, `peer ${this.#hosts++}`, options);
    return peer;
  }

  get isComplete(): boolean {
    return this.download.picker.missing === 0;
  }

  pieceBytes(index: number): number {
    const from = index * this.pieceLengthBytes;
    return Math.min(this.pieceLengthBytes, this.content.length - from);
  }

  blocksOf(index: number): Block[] {
    const lengthBytes = this.pieceBytes(index);
    const blocks: Block[] = [];
    for (let offsetBytes = 0; offsetBytes < lengthBytes; offsetBytes += 16 * KiB) {
      const left = lengthBytes - offsetBytes;
      blocks.push({ index, offsetBytes, lengthBytes: Math.min(16 * KiB, left) });
    }
    return blocks;
  }

  /** Everything that can be written has been. */
  async settled(): Promise<void> {
    for (let nth = 0; nth < 3; nth++) {
      await nextTurn();
      await this.#stored.idle();
      await this.download.idle();
      await this.#writes.idle();
    }
  }

  /**
   * All peers that there are send what they are asked for until nobody is asked for anything, or `isEnough`. `change`:
   * what a peer sends instead.
   */
  async run(
    change: (peer: HandmadePeer, block: Block, bytes: Buffer) => void = () => {},
    isEnough: () => boolean = () => false,
  ): Promise<void> {
    for (;;) {
      let sent = 0;
      for (const peer of this.peers) {
        if (isEnough()) return;
        const [block] = peer.asked;
        if (block === undefined || peer.isHoldingBack) continue;
        peer.send(block, (bytes) => change(peer, block, bytes));
        sent += 1;
      }
      // What they sent is one read each.
      await nextTurn();
      if (sent > 0) continue;
      await this.settled();
      if (![...this.peers].some(({ asked, isHoldingBack }) => asked.length > 0 && !isHoldingBack)) {
        return;
      }
    }
  }

  /** As the torrent's transfer does. */
  #ban(sender: Sender): void {
    this.banned.push(sender);
    for (const peer of this.peers) if (peer.sender === sender) peer.leave();
  }
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
      ...{ peerChoking: isChoking, hasFast },
      peerExtendedHandshake: reqq === undefined ? {} : { reqq },
    });
    const { download, limit } = swarm;
    const peer = this;
    this.pipeline = new RequestPipeline({
      ...{ download, pieces, limit, sender: this.sender },
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

function metainfoOf(content: Buffer, pieceLengthBytes: number): Metainfo {
  const hashes: Buffer[] = [];
  for (let at = 0; at < content.length; at += pieceLengthBytes) {
    const piece = content.subarray(at, at + pieceLengthBytes);
    hashes.push(createHash('sha1').update(piece).digest());
  }
  return new Metainfo({
    ...{ name: 'handmade', pieceLengthBytes, isPrivate: false, isFolder: false, announce: [] },
    pieceHashes: Buffer.concat(hashes),
    files: [{ path: [], lengthBytes: content.length, offsetBytes: 0 }],
    info: new Uint8Array(),
    infoHash: '0'.repeat(40),
    lengthBytes: content.length,
  });
}
