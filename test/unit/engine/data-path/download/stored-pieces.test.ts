// Blocks that go to disk one by one, before anybody knows whether they are good.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { StoredPieces } from '../../../../../src/engine/data-path/download/stored-pieces.js';
import type {
  BlockSource,
  DownloadingPiece,
} from '../../../../../src/engine/data-path/pieces/block-source.js';
import { PartialPiece } from '../../../../../src/engine/data-path/pieces/partial-piece.js';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';
import { Metainfo } from '../../../../../src/metainfo/metainfo.js';
import type { TorrentStorage } from '../../../../../src/storage/storage.js';
import { Gate } from '../../../../support/data-path/handmade-swarm.js';

const KiB = 1024;
const blockBytes = 16 * KiB;
const pieceLengthBytes = 4096 * KiB;
const lastPieceBytes = 2 * blockBytes + 5;

interface Options {
  readonly beforeNaming?: () => Promise<void>;
  readonly beforeWrite?: () => Promise<void>;
  readonly beforeRead?: () => Promise<void>;
}

const noWait = async () => {};

function setUp({ beforeNaming = noWait, beforeWrite = noWait, beforeRead = noWait }: Options = {}) {
  const bytes = randomBytes(pieceLengthBytes + lastPieceBytes);
  const disk = Buffer.alloc(bytes.length);
  const buffers = new PieceBuffers(8192 * KiB);
  const named: number[] = [];
  const failures: unknown[] = [];
  const told = { written: 0, caughtUp: 0, reads: 0 };
  const metainfo = new Metainfo({
    name: 'stored',
    pieceLengthBytes,
    isPrivate: false,
    isFolder: false,
    announce: [],
    pieceHashes: new Uint8Array(40),
    files: [{ path: [], lengthBytes: bytes.length, offsetBytes: 0 }],
    info: new Uint8Array(),
    infoHash: '0'.repeat(40),
    lengthBytes: bytes.length,
  });
  const content: TorrentStorage = {
    readAhead: async () => expect.unreachable(),
    async readInto(offsetBytes, target) {
      told.reads += 1;
      await beforeRead();
      target.set(disk.subarray(offsetBytes, offsetBytes + target.length));
    },
    write: async () => expect.unreachable(),
    async writeUnverified(offsetBytes, block) {
      await beforeWrite();
      expect(named).toContain(Math.floor(offsetBytes / pieceLengthBytes));
      disk.set(block, offsetBytes);
    },
    markVerified: () => {},
    make: async () => new Map(),
    adopt: () => {},
    flush: async () => new Map(),
    complete: async () => new Map(),
    close: noWait,
  };
  const stored = new StoredPieces({
    metainfo,
    content,
    buffers,
    journal: {
      async writes(indices) {
        await beforeNaming();
        named.push(...indices);
      },
      wrote: () => expect.unreachable(),
    },
    onFailed: (thrown) => void failures.push(thrown),
    onCaughtUp: () => {
      told.caughtUp += 1;
    },
  });
  const pieceOf = (index: number): DownloadingPiece => {
    const piece = new PartialPiece<BlockSource>();
    piece.begin(index, metainfo.pieceBytes(index), -1);
    return piece;
  };
  return {
    bytes,
    disk,
    buffers,
    named,
    failures,
    told,
    stored,
    pieceOf,
    write(piece: DownloadingPiece, block: number) {
      const from = piece.index * pieceLengthBytes + block * blockBytes;
      const at = buffers.allocateBlock(piece.blockLengthBytes(block));
      bytes.copy(buffers.memory, at, from, from + piece.blockLengthBytes(block));
      stored.write(piece, block, at, () => {
        told.written += 1;
      });
    },
  };
}

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');

async function turns(): Promise<void> {
  for (let nth = 0; nth < 20; nth++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a block', () => {
  it('is written to its place once the journal has named its piece, and its memory is given back', async () => {
    const gate = new Gate();
    const { stored, write, pieceOf, named, told, buffers, bytes, disk } = setUp({
      beforeNaming: () => gate.opened,
    });
    const [whole, last] = [pieceOf(0), pieceOf(1)];
    for (const block of [3, 0, 255]) write(whole, block);
    for (const block of [2, 1]) write(last, block);
    await turns();
    expect([told.written, whole.unwrittenBlocks, last.unwrittenBlocks]).toEqual([0, 3, 2]);
    expect(buffers.usedBytes).toBe(5 * blockBytes);
    gate.open();
    await stored.idle();
    expect([told.written, whole.unwrittenBlocks, last.unwrittenBlocks]).toEqual([5, 0, 0]);
    expect(named).toEqual([0, 1]);
    expect(buffers.usedBytes).toBe(0);
    const expected = Buffer.alloc(bytes.length);
    for (const at of [3, 0, 255, 257, 258]) {
      bytes.copy(expected, at * blockBytes, at * blockBytes, (at + 1) * blockBytes);
    }
    expect(disk.equals(expected)).toBe(true);
  });

  it('too many of which are not written are told of, and that the disk has caught up, once', async () => {
    const gate = new Gate();
    const { stored, write, pieceOf, told } = setUp({ beforeWrite: () => gate.opened });
    const piece = pieceOf(0);
    for (let block = 0; block < 127; block++) write(piece, block);
    expect(stored.isBehind).toBe(false);
    for (let block = 127; block < 200; block++) write(piece, block);
    expect(stored.isBehind).toBe(true);
    await turns();
    expect(told.caughtUp).toBe(0);
    gate.open();
    await stored.idle();
    expect(stored.isBehind).toBe(false);
    expect(told).toEqual({ written: 200, caughtUp: 1, reads: 0 });
    write(piece, 200);
    await stored.idle();
    expect(told.caughtUp).toBe(1);
  });
});

describe('a piece', () => {
  it('is hashed by reading it back, as a whole and block by block', async () => {
    const { stored, write, pieceOf, bytes, named } = setUp();
    for (const index of [0, 1]) {
      const piece = pieceOf(index);
      for (let block = 0; block < piece.blockCount; block++) write(piece, block);
      await stored.idle();
      const from = index * pieceLengthBytes;
      const whole = bytes.subarray(from, from + piece.lengthBytes);
      const hashes: string[] = [];
      stored.verify(piece, (hash) => hashes.push(Buffer.from(hash).toString('hex')));
      stored.hashBlocks(piece, (all) => hashes.push(Buffer.from(all).toString('hex')));
      await stored.idle();
      const ofBlocks = Array.from({ length: piece.blockCount }, (_, nth) =>
        sha1(whole.subarray(nth * blockBytes, (nth + 1) * blockBytes)),
      );
      expect(hashes.toSorted((a, b) => a.length - b.length)).toEqual([
        sha1(whole),
        ofBlocks.join(''),
      ]);
    }
    expect(named).toEqual([0, 1]);
  });

  it('is named again when it is written again after it was looked at', async () => {
    const { stored, write, pieceOf, named } = setUp();
    const piece = pieceOf(1);
    for (const block of [0, 1, 2]) write(piece, block);
    await stored.idle();
    stored.verify(piece, () => {});
    await stored.idle();
    write(pieceOf(1), 0);
    await stored.idle();
    expect(named).toEqual([1, 1]);
  });
});

describe('a disk that refuses', () => {
  const refuse = async () => {
    throw new Error('no');
  };

  it('to write is told of once, and all memory is given back', async () => {
    const { stored, write, pieceOf, failures, told, buffers } = setUp({ beforeWrite: refuse });
    const piece = pieceOf(0);
    for (let block = 0; block < 200; block++) write(piece, block);
    await stored.idle();
    write(piece, 200);
    await stored.idle();
    expect(failures).toHaveLength(1);
    expect(told.written).toBe(0);
    expect(buffers.usedBytes).toBe(0);
    expect(stored.isBehind).toBe(false);
  });

  it('to read is told of once, and nothing is said of the piece', async () => {
    const { stored, pieceOf, failures, told } = setUp({ beforeRead: refuse });
    const piece = pieceOf(1);
    stored.verify(piece, () => expect.unreachable());
    stored.hashBlocks(piece, () => expect.unreachable());
    await stored.idle();
    expect(failures).toHaveLength(1);
    expect(failures[0]).toHaveProperty('message', 'no');
    expect(told.reads).toBe(2);
  });
});
