// A download with peers made by hand: what they are asked for is read from the messages themselves, and they send what a
// test says, in any order, at any time. Memory, picking, pipelines, verifying and writing are real; disk and sockets are not.
import { createHash, randomBytes } from 'node:crypto';
import Wire from 'bittorrent-protocol';
import { Download, type Sender } from '../../../src/engine/data-path/download.js';
import { PeerPieces } from '../../../src/engine/data-path/peer-pieces.js';
import { PieceBuffers } from '../../../src/engine/data-path/piece-buffers.js';
import { createRateLimit, type RateLimit } from '../../../src/engine/data-path/rate-limit.js';
import { RequestPipeline } from '../../../src/engine/data-path/request-pipeline.js';
import { StoredPieces } from '../../../src/engine/data-path/stored-pieces.js';
import { createVerifier } from '../../../src/engine/data-path/verify.js';
import { WriteBatch } from '../../../src/engine/data-path/write-batch.js';
import { createBitfield } from '../../../src/engine/disk/bitfield.js';
import type { ContentStore } from '../../../src/engine/disk/content-store.js';
import { Metainfo } from '../../../src/metainfo/metainfo.js';

export interface Block {
  readonly index: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface HandmadeOptions {
  readonly pieceCount: number;
  readonly pieceLengthBytes: number;
  readonly buffers?: PieceBuffers;
  readonly limit?: RateLimit;
  /** Called before each write to the disk; who rejects is a disk that refuses. */
  readonly beforeWrite?: () => Promise<void>;
}

export class HandmadeSwarm {
  readonly content: Buffer;
  readonly disk: Buffer;
  readonly buffers: PieceBuffers;
  readonly download: Download;
  readonly convicted: Sender[] = [];
  readonly written: number[] = [];
  /** What was named in the journal, in order. */
  readonly journalled: number[] = [];
  readonly failures: unknown[] = [];
  readonly #limit: RateLimit;
  readonly #writes: WriteBatch;
  readonly #stored: StoredPieces;
  #hosts = 0;

  constructor(options: HandmadeOptions) {
    const { pieceCount, pieceLengthBytes, beforeWrite = async () => {} } = options;
    this.content = randomBytes(pieceCount * pieceLengthBytes);
    this.disk = Buffer.alloc(this.content.length);
    this.buffers = options.buffers ?? new PieceBuffers();
    this.#limit = options.limit ?? createRateLimit(undefined);
    const metainfo = metainfoOf(this.content, pieceLengthBytes);
    const { buffers, disk, journalled } = this;
    const write = async (offsetBytes: number, ...parts: readonly Uint8Array[]) => {
      await beforeWrite();
      Buffer.concat(parts).copy(disk, offsetBytes);
    };
    const content: ContentStore = {
      read: async (from, length) => disk.subarray(from, from + length),
      readInto: async (from, target) => void target.set(disk.subarray(from, from + target.length)),
      write,
      writeUnverified: write,
      keep: () => {},
      adopt: () => {},
      flush: async () => {},
      complete: async () => {},
      close: async () => {},
    };
    const journal = {
      writes: async (indices: readonly number[]) => void journalled.push(...indices),
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
        for (const piece of pieces) if (!piece.isOnDisk) buffers.give(piece.startBytes);
      },
    });
    this.#stored = new StoredPieces({
      ...{ metainfo, content, journal, buffers, onFailed },
      onCaughtUp: () => this.download.wakeAll(),
    });
    this.download = new Download({
      ...{ metainfo, buffers, writes: this.#writes, stored: this.#stored },
      have: createBitfield(pieceCount),
      verifier: createVerifier(buffers, 1),
      onConvicted: (sender) => void this.convicted.push(sender),
    });
  }

  /** A seeder, or a peer that has just these pieces. */
  peer(pieces?: readonly number[]): HandmadePeer {
    const has = new PeerPieces(this.download.picker.isMissing.length && this.#pieceCount);
    if (pieces === undefined) has.addAll(() => {});
    else for (const index of pieces) has.add(index);
    return new HandmadePeer(this, has, this.#limit, `peer ${this.#hosts++}`);
  }

  /** Everything that can be written has been. */
  async settled(): Promise<void> {
    await this.#stored.idle();
    await this.#writes.idle();
    await new Promise((resolve) => setImmediate(resolve));
  }

  get #pieceCount(): number {
    return this.download.picker.missing + this.written.length;
  }
}

export class HandmadePeer {
  /** Asked for, and neither sent nor cancelled, in order. */
  readonly asked: Block[] = [];
  readonly cancelled: Block[] = [];
  readonly sender: Sender;
  readonly pipeline: RequestPipeline;
  readonly #swarm: HandmadeSwarm;
  readonly #wire = Object.assign(new Wire(), { peerChoking: false });
  isClosed = false;

  constructor(swarm: HandmadeSwarm, pieces: PeerPieces, limit: RateLimit, host: string) {
    this.#swarm = swarm;
    this.sender = { host, port: 1 };
    const { download } = swarm;
    const peer = this;
    this.pipeline = new RequestPipeline({
      ...{ download, pieces, limit, sender: this.sender },
      connection: {
        wire: this.#wire,
        get isClosed() {
          return peer.isClosed;
        },
        send: (bytes) => this.#heard(Buffer.from(bytes)),
        close: () => this.leave(),
        passOver: () => {},
      },
    });
    for (let index = 0; index < pieces.pieceCount; index++) {
      if (!pieces.hasAll && pieces.has(index)) download.picker.addHolder(index);
    }
    if (pieces.hasAll) download.picker.addSeeder();
    download.add(this.pipeline);
    this.pipeline.wake();
  }

  /** Sends a block as it was asked for, or with other bytes in it; true if it was taken. */
  send(block: Block, change: (bytes: Buffer) => void = () => {}): boolean {
    const { index, offsetBytes, lengthBytes } = block;
    const at = this.#begin(block);
    if (at === -1) return false;
    const from = index * this.#pieceLengthBytes + offsetBytes;
    const bytes = Buffer.from(this.#swarm.content.subarray(from, from + lengthBytes));
    change(bytes);
    bytes.copy(this.#swarm.buffers.memory, at);
    this.pipeline.blockEnded();
    this.pipeline.usedUp();
    return true;
  }

  /** The header of a block has come, its bytes have not. */
  beginToSend(block: Block): boolean {
    return this.#begin(block) !== -1;
  }

  /** Sends the oldest of what it was asked for. */
  sendNext(change?: (bytes: Buffer) => void): boolean {
    const block = this.asked.shift();
    return block !== undefined && this.send(block, change);
  }

  reject(block: Block): void {
    this.#forget(block);
    this.pipeline.rejected(block.index, block.offsetBytes, block.lengthBytes);
  }

  choke(): void {
    this.#wire.peerChoking = true;
    this.asked.length = 0;
    this.pipeline.choked();
  }

  unchoke(): void {
    this.#wire.peerChoking = false;
    this.pipeline.unchoked();
  }

  leave(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.pipeline.close();
    this.#swarm.download.remove(this.pipeline);
  }

  get #pieceLengthBytes(): number {
    const { content, download } = this.#swarm;
    return content.length / (download.picker.missing + this.#swarm.written.length);
  }

  #begin({ index, offsetBytes, lengthBytes }: Block): number {
    this.#forget({ index, offsetBytes, lengthBytes });
    return this.pipeline.blockBegan(index, offsetBytes, lengthBytes);
  }

  #forget(block: Block): void {
    const at = this.asked.findIndex(
      (other) => other.index === block.index && other.offsetBytes === block.offsetBytes,
    );
    if (at !== -1) this.asked.splice(at, 1);
  }

  #heard(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 17) {
      const block = {
        index: bytes.readUInt32BE(at + 5),
        offsetBytes: bytes.readUInt32BE(at + 9),
        lengthBytes: bytes.readUInt32BE(at + 13),
      };
      if (bytes[at + 4] === 6) this.asked.push(block);
      else {
        this.cancelled.push(block);
        this.#forget(block);
      }
    }
  }
}

function metainfoOf(content: Buffer, pieceLengthBytes: number): Metainfo {
  const hashes: Buffer[] = [];
  for (let at = 0; at < content.length; at += pieceLengthBytes) {
    hashes.push(
      createHash('sha1')
        .update(content.subarray(at, at + pieceLengthBytes))
        .digest(),
    );
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
