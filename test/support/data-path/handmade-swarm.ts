// A download with peers made by hand: what they are asked for is read from the messages themselves, and they send what a
// test says, in any order, at any time. Memory, picking, pipelines, verifying and writing are real; disk and sockets are not.
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Download } from '../../../src/engine/data-path/download/download.js';
import { WriteBatch } from '../../../src/engine/data-path/download/write-batch.js';
import type { Sender } from '../../../src/engine/data-path/pieces/block-source.js';
import { PeerPieces } from '../../../src/engine/data-path/pieces/peer-pieces.js';
import { PieceBuffers } from '../../../src/engine/data-path/pieces/piece-buffers.js';
import { PiecePlaces } from '../../../src/engine/data-path/places/piece-places.js';
import {
  createRateLimit,
  type RateLimit,
} from '../../../src/engine/data-path/rate-limit/rate-limit.js';
import { createVerifier, type Verifier } from '../../../src/engine/data-path/verify/verify.js';
import { createBitfield } from '../../../src/storage/layout/bitfield.js';
import type { TorrentStorage } from '../../../src/storage/storage.js';
import { KiB } from '../sizes.js';
import { sampleTorrent } from '../torrents/sample-torrent.js';
import { type Block, HandmadePeer, type PeerOptions } from './handmade-peer.js';

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

/** Delays writes until it is opened. */
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

export class HandmadeSwarm {
  readonly pieceCount: number;
  readonly pieceLengthBytes: number;
  readonly content: Buffer;
  readonly disk: Buffer;
  readonly buffers: PieceBuffers;
  readonly download: Download;
  readonly banned: Sender[] = [];
  /** Of what came, so much was of no use. */
  discardedBytes = 0;
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
  readonly #places: PiecePlaces;
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
    const files = [{ path: '', lengthBytes: this.content.length }];
    const { metainfo } = sampleTorrent(
      { name: 'handmade', pieceLengthBytes, files, isPrivate: false },
      this.content,
    );
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
      make: async () => new Map(),
      reopen: () => {},
      adopt: () => {},
      flush: async () => new Map(),
      complete: async () => new Map(),
      close: async () => {},
    };
    const journal = {
      writes: async (indices: readonly number[]) => void log.push({ named: [...indices] }),
      wrote: () => {},
    };
    const onFailed = (thrown: unknown) => void this.failures.push(thrown);
    const places = new PiecePlaces({
      metainfo,
      content,
      journal,
      buffers,
      verifier: options.verifier?.(buffers) ?? createVerifier(buffers, 1),
      onFailed,
      onCaughtUp: () => this.download.wakeAll(),
    });
    this.#places = places;
    this.#writes = new WriteBatch({
      metainfo,
      places,
      journal,
      onFailed,
      isEndNear: () => this.download.isEndNear,
      onWritten: (pieces) => {
        this.written.push(...pieces.map(({ index }) => index));
        this.download.written(pieces);
      },
      onLost: (pieces) => {
        for (const piece of pieces) places.release(piece);
      },
    });
    this.download = new Download({
      metainfo,
      places,
      writes: this.#writes,
      have: createBitfield(pieceCount),
      onDiscarded: (lengthBytes) => {
        this.discardedBytes += lengthBytes;
      },
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
      await this.#places.idle();
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
