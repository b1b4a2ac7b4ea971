// Blocks that go to disk one by one, before anybody knows whether they are good.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type {
  BlockSource,
  DownloadingPiece,
} from '../../../../../src/engine/data-path/pieces/block-source.js';
import { PartialPiece } from '../../../../../src/engine/data-path/pieces/partial-piece.js';
import { PeerPieces } from '../../../../../src/engine/data-path/pieces/peer-pieces.js';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';
import { DiskPlace } from '../../../../../src/engine/data-path/places/disk-place.js';
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
const nothing = () => {};

const source: BlockSource = {
  sender: { host: undefined, port: undefined },
  pieces: new PeerPieces(2),
  isIdle: false,
  isSnubbed: false,
  hasGiven: true,
  isGiving: true,
  isQuick: () => false,
  wake: nothing,
  refill: nothing,
  cancel: nothing,
  giveUp: nothing,
  tick: nothing,
  discardBlock: nothing,
};

function setUp({ beforeNaming = noWait, beforeWrite = noWait, beforeRead = noWait }: Options = {}) {
  const bytes = randomBytes(pieceLengthBytes + lastPieceBytes);
  const disk = Buffer.alloc(bytes.length);
  const buffers = new PieceBuffers(8192 * KiB);
  const named: number[] = [];
  const failures: unknown[] = [];
  const told = { whole: 0, caughtUp: 0, writes: 0, reads: 0, noted: 0 };
  const clock = { nowMs: 0 };
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
    async writeUnverified(offsetBytes, ...parts) {
      await beforeWrite();
      expect(named).toContain(Math.floor(offsetBytes / pieceLengthBytes));
      Buffer.concat(parts).copy(disk, offsetBytes);
      told.writes += 1;
    },
    markVerified: () => {},
    make: async () => new Map(),
    reopen: () => {},
    adopt: () => {},
    flush: async () => new Map(),
    complete: async () => new Map(),
    close: noWait,
  };
  const place = new DiskPlace({
    metainfo,
    content,
    buffers,
    journal: {
      async writes(indices) {
        await beforeNaming();
        named.push(...indices);
      },
      wrote(indices) {
        expect(indices).toEqual([]);
        told.noted += 1;
      },
    },
    nowMs: () => clock.nowMs,
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
    clock,
    place,
    pieceOf,
    write(piece: DownloadingPiece, block: number) {
      const from = piece.index * pieceLengthBytes + block * blockBytes;
      const at = buffers.allocateBlock(piece.blockLengthBytes(block));
      bytes.copy(buffers.memory, at, from, from + piece.blockLengthBytes(block));
      piece.came(block, source);
      place.came(piece, block, at, () => {
        told.whole += 1;
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
    const { place, write, pieceOf, named, told, buffers, bytes, disk } = setUp({
      beforeNaming: () => gate.opened,
    });
    const [whole, last] = [pieceOf(0), pieceOf(1)];
    for (const block of [3, 0, 255]) write(whole, block);
    for (const block of [2, 1]) write(last, block);
    await turns();
    expect([told.writes, whole.unwrittenBlocks, last.unwrittenBlocks]).toEqual([0, 3, 2]);
    expect(buffers.usedBytes).toBe(5 * blockBytes);
    gate.open();
    await place.idle();
    expect([whole.unwrittenBlocks, last.unwrittenBlocks]).toEqual([0, 0]);
    // The two that are neighbours go together.
    expect(told.writes).toBe(4);
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
    const { place, write, pieceOf, told } = setUp({ beforeWrite: () => gate.opened });
    const piece = pieceOf(0);
    for (let block = 0; block < 127; block++) write(piece, block);
    expect(place.isBehind).toBe(false);
    for (let block = 127; block < 200; block++) write(piece, block);
    expect(place.isBehind).toBe(true);
    await turns();
    expect(told.caughtUp).toBe(0);
    gate.open();
    await place.idle();
    expect(place.isBehind).toBe(false);
    expect([piece.unwrittenBlocks, told.caughtUp]).toEqual([0, 1]);
    write(piece, 200);
    await place.idle();
    expect(told.caughtUp).toBe(1);
  });
});

describe('blocks', () => {
  it('are gathered for ten milliseconds, and neighbours are written together', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { write, pieceOf, told } = setUp();
    const piece = pieceOf(0);
    for (const block of [6, 4, 5, 9]) write(piece, block);
    vi.advanceTimersByTime(9);
    await turns();
    expect(told.writes).toBe(0);
    vi.advanceTimersByTime(1);
    await turns();
    expect([told.writes, piece.unwrittenBlocks]).toEqual([2, 0]);
  });

  it('are written without waiting when there is 1 MiB of them, or their piece is whole', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { write, pieceOf, told } = setUp();
    const piece = pieceOf(0);
    for (let block = 0; block < 64; block++) write(piece, block);
    await turns();
    expect([told.writes, told.whole]).toEqual([1, 0]);
    const last = pieceOf(1);
    for (const block of [0, 1, 2]) write(last, block);
    await turns();
    expect([told.writes, told.whole]).toEqual([2, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are told to the journal when they are written, as what its files were is no longer so', async () => {
    const { write, pieceOf, told, place } = setUp();
    write(pieceOf(0), 0);
    expect(told.noted).toBe(0);
    await place.idle();
    expect(told.noted).toBe(1);
  });

  it('that come for a long time have their piece named again and again, before they are written', async () => {
    const { write, pieceOf, named, clock, place } = setUp();
    const piece = pieceOf(0);
    for (const [block, nowMs] of [0, 499, 500, 900, 1_000].entries()) {
      clock.nowMs = nowMs;
      write(piece, block);
      await place.idle();
    }
    expect(named).toEqual([0, 0, 0]);
  });
});

describe('a piece', () => {
  it('is hashed by reading it back, as a whole and block by block', async () => {
    const { place, write, pieceOf, bytes, named } = setUp();
    for (const index of [0, 1]) {
      const piece = pieceOf(index);
      for (let block = 0; block < piece.blockCount; block++) write(piece, block);
      await place.idle();
      const from = index * pieceLengthBytes;
      const whole = bytes.subarray(from, from + piece.lengthBytes);
      const hashes: string[] = [];
      place.verify(piece, (hash) => hashes.push(Buffer.from(hash).toString('hex')));
      place.hashBlocks(piece, (all) => hashes.push(Buffer.from(all).toString('hex')));
      await place.idle();
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
    const { place, write, pieceOf, named } = setUp();
    const piece = pieceOf(1);
    for (const block of [0, 1, 2]) write(piece, block);
    await place.idle();
    place.verify(piece, () => {});
    await place.idle();
    write(pieceOf(1), 0);
    await place.idle();
    expect(named).toEqual([1, 1]);
  });
});

describe('a disk that refuses', () => {
  const refuse = async () => {
    throw new Error('no');
  };

  it('to write is told of once, and all memory is given back', async () => {
    const { place, write, pieceOf, failures, told, buffers } = setUp({ beforeWrite: refuse });
    const piece = pieceOf(0);
    for (let block = 0; block < 200; block++) write(piece, block);
    await place.idle();
    write(piece, 200);
    await place.idle();
    expect(failures).toHaveLength(1);
    expect(told.whole).toBe(0);
    expect(buffers.usedBytes).toBe(0);
    expect(place.isBehind).toBe(false);
  });

  it('to read is told of once, and nothing is said of the piece', async () => {
    const { place, pieceOf, failures, told } = setUp({ beforeRead: refuse });
    const piece = pieceOf(1);
    place.verify(piece, () => expect.unreachable());
    place.hashBlocks(piece, () => expect.unreachable());
    await place.idle();
    expect(failures).toHaveLength(1);
    expect(failures[0]).toHaveProperty('message', 'no');
    expect(told.reads).toBe(2);
  });
});
