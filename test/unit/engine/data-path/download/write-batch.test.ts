// How verified pieces come to disk: many at a time, named in the journal before, and told of afterwards.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WriteBatch } from '../../../../../src/engine/data-path/download/write-batch.js';
import type {
  BlockSource,
  DownloadingPiece,
} from '../../../../../src/engine/data-path/pieces/block-source.js';
import { PartialPiece } from '../../../../../src/engine/data-path/pieces/partial-piece.js';
import { Metainfo } from '../../../../../src/metainfo/metainfo.js';
import { Gate } from '../../../../support/data-path/handmade-swarm.js';

const KiB = 1024;
const pieceLengthBytes = 64 * KiB;
const pieceCount = 200;

/** What happened, in order. */
type Event = readonly [what: string, ...values: readonly (number | string)[]];

interface Options {
  /** Called before each write; who rejects is a disk that refuses. */
  readonly beforeWrite?: (offsetBytes: number, lengthBytes: number) => Promise<void>;
  readonly beforeNaming?: () => Promise<void>;
  readonly isEndNear?: () => boolean;
}

function setUp({
  beforeWrite = async () => {},
  beforeNaming = async () => {},
  isEndNear = () => false,
}: Options = {}) {
  const events: Event[] = [];
  const metainfo = new Metainfo({
    name: 'written',
    pieceLengthBytes,
    isPrivate: false,
    isFolder: false,
    announce: [],
    pieceHashes: new Uint8Array(20 * pieceCount),
    files: [{ path: [], lengthBytes: pieceCount * pieceLengthBytes, offsetBytes: 0 }],
    info: new Uint8Array(),
    infoHash: '0'.repeat(40),
    lengthBytes: pieceCount * pieceLengthBytes,
  });
  const inMemory = {
    async store(pieces: readonly DownloadingPiece[]) {
      const indices = pieces.map(({ index }) => index);
      const offsetBytes = (indices[0] ?? 0) * pieceLengthBytes;
      await beforeWrite(offsetBytes, pieces.length * pieceLengthBytes);
      events.push(['write', ...indices]);
    },
  };
  const onDisk = {
    store: async (pieces: readonly DownloadingPiece[]) => {
      events.push(['kept', ...pieces.map(({ index }) => index)]);
    },
  };
  const batch = new WriteBatch({
    metainfo,
    places: { of: ({ isOnDisk }) => (isOnDisk ? onDisk : inMemory) },
    journal: {
      async writes(indices) {
        await beforeNaming();
        events.push(['named', ...indices]);
      },
      wrote: (indices) => void events.push(['noted', ...indices]),
    },
    isEndNear,
    onWritten: (pieces) => void events.push(['written', ...pieces.map(({ index }) => index)]),
    onLost: (pieces) => void events.push(['lost', ...pieces.map(({ index }) => index)]),
    onFailed: (thrown) => void events.push(['failed', String(thrown)]),
  });
  const pieceOf = (index: number, isOnDisk = false): DownloadingPiece => {
    const piece = new PartialPiece<BlockSource>();
    piece.begin(index, pieceLengthBytes, isOnDisk ? -1 : 0);
    return piece;
  };
  return {
    batch,
    events,
    pieceOf,
    add(...indices: readonly number[]) {
      for (const index of indices) batch.add(pieceOf(index), false);
    },
    named: (what: string) => events.filter(([name]) => name === what),
  };
}

async function turns(): Promise<void> {
  for (let nth = 0; nth < 20; nth++) await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('verified pieces', () => {
  it('are gathered for ten milliseconds, and written neighbours at once, the journal first', async () => {
    const { batch, events, add } = setUp();
    add(7, 3, 8, 4, 9, 20);
    expect(batch.pieces).toBe(6);
    vi.advanceTimersByTime(9);
    await turns();
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);
    await turns();
    expect(events[0]).toEqual(['named', 3, 4, 7, 8, 9, 20]);
    expect(events.slice(1, 4).toSorted()).toEqual([
      ['write', 20],
      ['write', 3, 4],
      ['write', 7, 8, 9],
    ]);
    expect(events.slice(4)).toEqual([
      ['noted', 3, 4, 7, 8, 9, 20],
      ['written', 3, 4, 7, 8, 9, 20],
    ]);
    expect(batch.pieces).toBe(0);
  });

  it('are gathered for longer when all that is missing is under way', async () => {
    const { batch, events, add, named, pieceOf } = setUp({ isEndNear: () => true });
    add(3, 4);
    vi.advanceTimersByTime(199);
    await turns();
    expect(events).toEqual([]);
    batch.add(pieceOf(5), true);
    await turns();
    expect(named('write')).toEqual([['write', 3, 4, 5]]);
    add(7);
    vi.advanceTimersByTime(200);
    await turns();
    expect(named('written').at(-1)).toEqual(['written', 7]);
  });

  it('are written at once if nothing follows', async () => {
    const { batch, events, pieceOf } = setUp();
    batch.add(pieceOf(5), true);
    await turns();
    expect(events.at(-1)).toEqual(['written', 5]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are written at once when there are 4 MiB', async () => {
    const { add, events, named } = setUp();
    add(...Array.from({ length: 63 }, (_, index) => index));
    await turns();
    expect(events).toEqual([]);
    add(63);
    await turns();
    expect(named('written')[0]).toHaveLength(65);
    expect(named('write')).toHaveLength(1);
  });

  it('that come while others are written are gathered, and written right after them', async () => {
    const gate = new Gate();
    const { batch, events, add, named } = setUp({ beforeWrite: () => gate.opened });
    add(1);
    vi.advanceTimersByTime(10);
    await turns();
    add(3, 2);
    vi.advanceTimersByTime(100);
    await turns();
    expect(events).toEqual([['named', 1]]);
    expect(batch.pieces).toBe(3);
    gate.open();
    await turns();
    expect(named('written')).toEqual([
      ['written', 1],
      ['written', 2, 3],
    ]);
  });

  it('wait for the journal', async () => {
    const gate = new Gate();
    const { events, add, named } = setUp({ beforeNaming: () => gate.opened });
    add(1);
    vi.advanceTimersByTime(10);
    await turns();
    expect(events).toEqual([]);
    gate.open();
    await turns();
    expect(named('written')).toEqual([['written', 1]]);
  });

  it('that are on disk already are kept, not written', async () => {
    const { batch, events, add, pieceOf, named } = setUp();
    add(1);
    batch.add(pieceOf(2, true), false);
    add(3);
    await batch.idle();
    expect(named('kept')).toEqual([['kept', 2]]);
    expect(named('write').toSorted()).toEqual([
      ['write', 1],
      ['write', 3],
    ]);
    expect(events.at(-1)).toEqual(['written', 1, 2, 3]);
  });

  it('are all written when there is nothing more to wait for', async () => {
    const { batch, add, named } = setUp();
    await batch.idle();
    add(1, 2);
    const idle = batch.idle();
    add(9);
    await idle;
    expect(named('written').flat()).toEqual(expect.arrayContaining([1, 2, 9]));
    expect(batch.pieces).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a disk that refuses', () => {
  it('a batch is given its pieces one by one: those that fit are written, the rest is lost, and it is told of once', async () => {
    let left = 3;
    const { batch, add, named, events, pieceOf } = setUp({
      beforeWrite: async (_, lengthBytes) => {
        const pieces = lengthBytes / pieceLengthBytes;
        if (pieces > left) throw new Error('full');
        left -= pieces;
      },
    });
    add(1, 2, 3, 4, 5);
    await batch.idle();
    expect(named('written')).toEqual([
      ['written', 1],
      ['written', 2],
      ['written', 3],
    ]);
    expect(named('lost')).toEqual([['lost', 4, 5]]);
    expect(named('failed')).toEqual([['failed', 'Error: full']]);
    batch.add(pieceOf(6), false);
    batch.add(pieceOf(7), true);
    await batch.idle();
    expect(named('lost').flat()).toEqual(['lost', 4, 5, 'lost', 6, 'lost', 7]);
    expect(named('failed')).toHaveLength(1);
    expect(batch.pieces).toBe(0);
    expect(events.filter(([name]) => name === 'written').flat()).not.toContain(6);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('loses what was gathered meanwhile too', async () => {
    const gate = new Gate();
    const { batch, add, named } = setUp({
      beforeWrite: async () => {
        await gate.opened;
        throw new Error('full');
      },
    });
    add(1);
    vi.advanceTimersByTime(10);
    await turns();
    add(2, 3);
    gate.open();
    await batch.idle();
    expect(named('lost').flat().toSorted()).toEqual([1, 2, 3, 'lost']);
    expect(named('written')).toEqual([]);
    expect(named('failed')).toHaveLength(1);
  });

  it('is waited for: nothing is given back that is still being written', async () => {
    const gate = new Gate();
    const { batch, add, named } = setUp({
      beforeWrite: async (offsetBytes) => {
        if (offsetBytes === 0) throw new Error('no');
        await gate.opened;
      },
    });
    add(0, 2);
    vi.advanceTimersByTime(10);
    await turns();
    expect([named('written'), named('lost')]).toEqual([[], []]);
    gate.open();
    await batch.idle();
    expect(named('lost')).toEqual([['lost', 0, 2]]);
  });
});
