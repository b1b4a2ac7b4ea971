// What a peer gets of what it asks for, and how little it can make us do by asking.
import Wire from 'bittorrent-protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SentBlocksBudget } from '../../../../../src/engine/data-path/pieces/sent-blocks.js';
import type {
  RateLimit,
  RateWaiter,
} from '../../../../../src/engine/data-path/rate-limit/rate-limit.js';
import { ReadCache } from '../../../../../src/engine/data-path/upload/read-cache/read-cache.js';
import { TorrentReadCache } from '../../../../../src/engine/data-path/upload/read-cache/torrent-read-cache.js';
import { Upload } from '../../../../../src/engine/data-path/upload/upload.js';
import type { Connection } from '../../../../../src/engine/data-path/wire/connection.js';

const KiB = 1024;
const longPieceBytes = 1024 * KiB;
const pieceCount = 100;

type Read = readonly [index: number, offsetBytes: number, lengthBytes: number];

/** All that is allowed is counted; what is not is asked for again by `resume`. */
class CountingLimit implements RateLimit {
  leftBytes = Number.POSITIVE_INFINITY;
  takenBytes = 0;
  readonly waiting = new Set<RateWaiter>();

  take(lengthBytes: number, waiter: RateWaiter): boolean {
    if (lengthBytes > this.leftBytes) {
      this.waiting.add(waiter);
      return false;
    }
    this.leftBytes -= lengthBytes;
    this.takenBytes += lengthBytes;
    return true;
  }
  giveBack(lengthBytes: number): void {
    this.leftBytes += lengthBytes;
    this.takenBytes -= lengthBytes;
  }
  forget(waiter: RateWaiter): void {
    this.waiting.delete(waiter);
  }
  close(): void {}
}

/** Reads end when a test says so; what is sent stays unsent until it is drained. */
function setUp(options: SetUpOptions = {}) {
  const { hasFast = true, endsAtOnce = true, readCache = new ReadCache() } = options;
  const { pieceBytes = longPieceBytes } = options;
  const reads: Read[] = [];
  const ends: ((how?: 'fail') => void)[] = [];
  const sent: Read[] = [];
  const batches: number[] = [];
  const rejected: Read[] = [];
  const drains: (() => void)[] = [];
  let gone: (() => void)[] = [];
  const state = { ...none };
  const wire = Object.assign(new Wire(), { hasFast, amChoking: false });
  wire.reject = (...block) => void rejected.push(block);
  const connection = {
    wire,
    get isClosed() {
      return state.isClosed;
    },
    get unsentBytes() {
      return state.unsentBytes;
    },
    run: (task: () => void) => task(),
    earn(lengthBytes: number) {
      state.earnedBytes += lengthBytes;
    },
    sendAll(messages: readonly Uint8Array[], lengthBytes: number) {
      expect(Buffer.concat(messages).length).toBe(lengthBytes);
      state.unsentBytes += lengthBytes;
      state.mostUnsentBytes = Math.max(state.mostUnsentBytes, state.unsentBytes);
      for (let nth = 0; nth < messages.length; nth += 2) {
        const [head = none8, bytes = none8] = messages.slice(nth, nth + 2);
        const header = Buffer.from(head);
        expect([header[4], header.readUInt32BE(0)]).toEqual([7, 9 + bytes.length]);
        const [index, offsetBytes] = [header.readUInt32BE(5), header.readUInt32BE(9)];
        const expected = contentAt(index * pieceBytes + offsetBytes, bytes.length);
        expect(expected.equals(bytes)).toBe(true);
        sent.push([index, offsetBytes, bytes.length]);
      }
    },
    onFlushed(listener: () => void) {
      batches.push(state.unsentBytes);
      gone.push(listener);
    },
    hangUp() {
      state.hungUp += 1;
    },
    close() {
      state.closed += 1;
    },
    onDrain: (listener: () => void) => void drains.push(listener),
  } satisfies Partial<Connection>;
  const limit = new CountingLimit();
  const readInto = (startBytes: number, target: Uint8Array) => {
    const { length } = target;
    const fill = () => void target.set(contentAt(startBytes, length));
    reads.push([Math.floor(startBytes / pieceBytes), startBytes % pieceBytes, length]);
    if (endsAtOnce) return Promise.resolve().then(fill);
    return new Promise<void>((resolve, fail) => {
      ends.push((how) => (how === 'fail' ? fail(new Error()) : resolve(fill())));
    });
  };
  const lost = new Set([50]);
  const askedAgain: number[] = [];
  const content = {
    pieceCount,
    pieceLengthBytes: pieceBytes,
    pieceBytes: (index: number) =>
      index === pieceCount - 1 ? Math.min(100_000, pieceBytes) : pieceBytes,
    has: (index: number) => !lost.has(index),
    askedAgain: (index: number) => void askedAgain.push(index),
    sentBlocks: new SentBlocksBudget(),
    readCache: new TorrentReadCache(readCache, { readInto, readAhead: readInto }),
  };
  const upload = new Upload({
    connection: connection as unknown as Connection,
    content,
    limit,
    onSent: (lengthBytes) => {
      state.sentBytes += lengthBytes;
    },
  });
  const drain = () => {
    state.unsentBytes = 0;
    const listeners = gone;
    gone = [];
    for (const listener of [...listeners, ...drains]) listener();
  };
  return {
    connection: connection as unknown as Connection,
    upload,
    reads,
    ends,
    sent,
    batches,
    rejected,
    state,
    limit,
    wire,
    /** Pieces that are not there (any more). */
    lost,
    askedAgain,
    readCache,
    content,
    drain,
    ask(count: number, from = 0) {
      for (let nth = from; nth < from + count; nth++) upload.requested(...nthBlock(nth));
    },
    /** Takes all that comes. */
    async takeAll() {
      await settled();
      for (let { length } = sent; ; { length } = sent) {
        drain();
        await settled();
        if (sent.length === length) return;
      }
    },
    /** Whatever is read ends, and what is read for then. */
    async endAll(how?: 'fail') {
      for (await settled(); ends.length > 0; await settled()) {
        for (const end of ends.splice(0)) end(how);
      }
    },
  };
}

interface SetUpOptions {
  readonly hasFast?: boolean;
  readonly endsAtOnce?: boolean;
  readonly readCache?: ReadCache;
  readonly pieceBytes?: number;
}

const none8 = new Uint8Array();
const none = {
  isClosed: false,
  hungUp: 0,
  closed: 0,
  earnedBytes: 0,
  unsentBytes: 0,
  sentBytes: 0,
  mostUnsentBytes: 0,
};

const pattern = Buffer.alloc(
  2 * 251 + longPieceBytes,
  Buffer.from(Array.from({ length: 251 }, (_, at) => at)),
);

function contentAt(startBytes: number, lengthBytes: number): Buffer {
  const from = startBytes % 251;
  return pattern.subarray(from, from + lengthBytes);
}

async function settled(): Promise<void> {
  for (let nth = 0; nth < 20; nth++) await new Promise((resolve) => setImmediate(resolve));
}

const nthBlock = (nth: number): Read => [Math.floor(nth / 64), (nth % 64) * 16 * KiB, 16 * KiB];
const blocks = (count: number, from = 0) =>
  Array.from({ length: count }, (_, nth) => nthBlock(from + nth));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a block that is asked for', () => {
  it('is sent, in the order of the requests, and counted', async () => {
    const peer = setUp();
    peer.ask(10);
    await peer.takeAll();
    expect(peer.sent).toEqual(blocks(10));
    expect([peer.state.sentBytes, peer.state.earnedBytes]).toEqual([160 * KiB, 160 * KiB]);
    expect(peer.wire.uploaded).toBe(160 * KiB);
    expect(peer.limit.takenBytes).toBe(160 * KiB);
  });

  it('is asked for until it has gone out', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.limit.leftBytes = 16 * KiB;
    expect(peer.upload.isAsked).toBe(false);
    peer.ask(2);
    await settled();
    expect([peer.sent.length, peer.upload.isAsked]).toEqual([0, true]);
    peer.ends.shift()?.();
    await settled();
    expect(peer.sent).toHaveLength(1);
    peer.drain();
    // The other one is held up by the limit.
    expect([peer.sent.length, peer.upload.isAsked]).toEqual([1, true]);
    peer.limit.leftBytes = 16 * KiB;
    peer.upload.resume();
    for (const end of peer.ends.splice(0)) end();
    await settled();
    expect([peer.sent.length, peer.upload.isAsked]).toEqual([2, true]);
    peer.drain();
    expect(peer.upload.isAsked).toBe(false);
  });

  it('may have up to 128 KiB, and be the end of the last piece', async () => {
    const peer = setUp();
    peer.upload.requested(0, 896 * KiB, 128 * KiB);
    peer.upload.requested(99, 99_999, 1);
    await peer.takeAll();
    expect(peer.sent).toEqual([
      [0, 896 * KiB, 128 * KiB],
      [99, 99_999, 1],
    ]);
  });

  it.each<readonly [string, Read]>([
    ['a piece that does not exist', [100, 0, 16 * KiB]],
    ['nothing', [0, 0, 0]],
    ['more than 128 KiB', [0, 0, 128 * KiB + 1]],
    ['what is behind the end of its piece', [0, 1024 * KiB - 1, 2]],
    ['what is behind the end of the last', [99, 99_999, 2]],
    ['the end of all numbers', [0, 2 ** 32 - 1, 16 * KiB]],
  ])('is hung up for if it is %s', async (_, [index, offsetBytes, lengthBytes]) => {
    const peer = setUp();
    peer.upload.requested(index, offsetBytes, lengthBytes);
    await settled();
    expect(peer.state.hungUp).toBe(1);
    expect(peer.reads).toEqual([]);
  });

  it.each([true, false])(
    'is refused if it is not there, which only the fast extension (%s) says',
    async (hasFast) => {
      const peer = setUp({ hasFast });
      peer.upload.requested(50, 0, 16 * KiB);
      await settled();
      expect(peer.rejected).toEqual(hasFast ? [[50, 0, 16 * KiB]] : []);
      expect([peer.reads, peer.state.hungUp]).toEqual([[], 0]);
    },
  );

  it.each([true, false])(
    'is refused to who is choked, which only the fast extension (%s) says',
    async (hasFast) => {
      const peer = setUp({ hasFast });
      Object.assign(peer.wire, { amChoking: true });
      peer.ask(1);
      await settled();
      expect(peer.rejected).toEqual(hasFast ? blocks(1) : []);
      expect(peer.sent).toEqual([]);
    },
  );
});

describe('what is read', () => {
  it('is the block alone for a stray request, and for one that comes later from elsewhere', async () => {
    const peer = setUp();
    for (const nth of [3, 700, 1_300]) {
      peer.ask(1, nth);
      await peer.takeAll();
    }
    expect(peer.reads).toEqual([nthBlock(3), nthBlock(700), nthBlock(1_300)]);
  });

  it('is more at once the more the peer has taken, up to 1 MiB', async () => {
    const peer = setUp();
    peer.ask(1_900);
    await peer.takeAll();
    const lengths = peer.reads.map(([, , lengthBytes]) => lengthBytes / KiB);
    expect(lengths.slice(0, 2)).toEqual([64, 64]);
    expect(Math.max(...lengths.slice(0, 8))).toBeLessThan(256);
    expect(lengths.slice(-10)).toEqual(Array(10).fill(1024));
    expect(peer.sent).toEqual(blocks(1_900));
  });

  it('is read once for all who ask for it meanwhile', async () => {
    const readCache = new ReadCache();
    const [one, other] = [setUp({ readCache, endsAtOnce: false }), setUp({ readCache })];
    const second = new Upload({
      connection: other.connection,
      content: one.content,
      limit: other.limit,
      onSent: () => {},
    });
    one.ask(4);
    await settled();
    for (const block of blocks(4)) second.requested(...block);
    await one.endAll();
    expect(one.reads).toEqual([[0, 0, 64 * KiB]]);
    expect([one.sent, other.sent]).toEqual([blocks(4), blocks(4)]);
  });

  it('is read again, also for who waits to send it, when it is forgotten', async () => {
    const peer = setUp();
    peer.state.unsentBytes = 2 ** 20;
    peer.ask(4);
    await settled();
    expect([peer.reads, peer.sent]).toEqual([[[0, 0, 64 * KiB]], []]);
    peer.content.readCache.forget(16 * KiB, 1);
    await peer.takeAll();
    expect(peer.sent).toEqual(blocks(4));
    expect(peer.reads.slice(1)).toEqual(blocks(4));
    peer.upload.close();
    expect(peer.readCache.usedBytes).toBe(0);
  });

  it('is read again when it was forgotten while it was read', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(1);
    await settled();
    peer.content.readCache.forget(0, longPieceBytes);
    await peer.endAll();
    expect([peer.reads, peer.sent]).toEqual([[nthBlock(0), nthBlock(0)], blocks(1)]);
    expect(peer.state.hungUp).toBe(0);
  });

  it('is given back when it was forgotten, and is not wanted any more', async () => {
    const peer = setUp();
    peer.state.unsentBytes = 2 ** 20;
    peer.ask(2);
    await settled();
    peer.content.readCache.forget(0, longPieceBytes);
    for (const block of blocks(2)) peer.upload.cancelled(...block);
    await peer.takeAll();
    expect([peer.sent, peer.reads.length, peer.readCache.usedBytes]).toEqual([[], 1, 0]);
  });

  it('holds no piece that was not asked for', async () => {
    const peer = setUp({ pieceBytes: 32 * KiB });
    peer.upload.requested(0, 0, 16 * KiB);
    peer.upload.requested(0, 16 * KiB, 16 * KiB);
    peer.upload.requested(3, 0, 16 * KiB);
    await settled();
    expect(peer.reads).toEqual([
      [0, 0, 32 * KiB],
      [3, 0, 16 * KiB],
    ]);
  });

  it('is not more than four times what was asked for', async () => {
    const peer = setUp();
    peer.ask(1_900);
    await peer.takeAll();
    peer.reads.length = 0;
    for (const index of [31, 41, 45]) {
      peer.upload.requested(index, 0, 16 * KiB);
      peer.upload.requested(index, 512 * KiB, 16 * KiB);
    }
    await settled();
    for (const [, , lengthBytes] of peer.reads) expect(lengthBytes).toBeLessThanOrEqual(128 * KiB);
  });
});

describe('who asks for much', () => {
  it('has 64 KiB read at first', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(100);
    await settled();
    expect(peer.reads).toEqual([[0, 0, 64 * KiB]]);
  });

  it('of little each has four blocks read at first, however short they are', async () => {
    const peer = setUp({ endsAtOnce: false });
    for (let index = 0; index < 40; index++) peer.upload.requested(index, 0, 1);
    await settled();
    expect(peer.reads).toHaveLength(4);
  });

  it('is hung up on with more than 2,000 requests waiting', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(2_000);
    await settled();
    expect(peer.state.hungUp).toBe(0);
    peer.ask(1, 2_000);
    expect(peer.state.hungUp).toBe(1);
  });

  it('and takes nothing has 64 KiB waiting for it, and as much read, not more', async () => {
    const peer = setUp();
    peer.ask(2_000);
    await settled();
    expect(peer.sent).toEqual(blocks(4));
    expect(peer.readCache.usedBytes).toBe(128 * KiB);
    await settled();
    expect(peer.reads).toHaveLength(2);
    await peer.takeAll();
    expect(peer.sent).toEqual(blocks(2_000));
    expect(peer.state.mostUnsentBytes).toBeLessThan(1_100 * KiB);
  });

  it('and takes it gets it many blocks at a time', async () => {
    const peer = setUp();
    peer.ask(2_000);
    await peer.takeAll();
    for (const unsentBytes of peer.batches.slice(-10, -1)) {
      expect(unsentBytes).toBeGreaterThan(768 * KiB);
    }
  });

  it('of what is not there is hung up on after 4,000 refusals, but not if a block is served between', async () => {
    const peer = setUp();
    for (let round = 0; round < 2; round++) {
      for (let nth = 0; nth < 4_000; nth++) peer.upload.requested(50, 0, 16 * KiB);
      peer.ask(1);
      await settled();
    }
    expect(peer.state.hungUp).toBe(0);
    for (let nth = 0; nth < 4_001; nth++) peer.upload.requested(50, 0, 16 * KiB);
    expect(peer.state.hungUp).toBe(1);
  });
});

describe('a peer that is choked', () => {
  it.each([true, false])(
    'gets nothing of what it asked for, and hears so with the fast extension (%s)',
    async (hasFast) => {
      const peer = setUp({ hasFast, endsAtOnce: false });
      peer.ask(40);
      await settled();
      peer.upload.choked();
      await peer.endAll();
      expect(peer.sent).toEqual([]);
      expect(peer.reads).toHaveLength(1);
      expect(peer.rejected).toEqual(hasFast ? blocks(40) : []);
      // Nothing of it counts against the limit.
      expect(peer.limit.takenBytes).toBe(0);
      peer.ask(1, 100);
      await settled();
      expect(peer.reads).toHaveLength(2);
    },
  );

  it('hears at once of what could not be read', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(1);
    await peer.endAll('fail');
    peer.upload.choked();
    expect(peer.rejected).toEqual(blocks(1));
    vi.advanceTimersByTime(5_000);
    expect(peer.rejected).toEqual(blocks(1));
  });
});

describe('what is cancelled', () => {
  it('is not sent, and refused under the fast extension', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(34);
    await settled();
    peer.upload.cancelled(...nthBlock(2));
    peer.upload.cancelled(...nthBlock(32));
    peer.upload.cancelled(...nthBlock(32));
    peer.upload.cancelled(90, 0, 16 * KiB);
    expect(peer.rejected).toEqual([nthBlock(2), nthBlock(32)]);
    for (let round = 0; round < 10; round++) {
      await peer.endAll();
      peer.drain();
    }
    const isLeft = ([, offsetBytes]: Read) => ![2, 32].includes(offsetBytes / (16 * KiB));
    expect(peer.sent).toEqual(blocks(34).filter(isLeft));
    expect(peer.limit.takenBytes).toBe(32 * 16 * KiB);
  });

  it('counts among what is read until its read ends', async () => {
    const peer = setUp({ endsAtOnce: false });
    const strays = Array.from({ length: 20 }, (_, nth) => nthBlock(nth * 64));
    for (const block of strays) peer.upload.requested(...block);
    await settled();
    expect(peer.reads).toHaveLength(4);
    for (const block of strays.slice(0, 4)) peer.upload.cancelled(...block);
    await settled();
    expect(peer.reads).toHaveLength(4);
    peer.ends.shift()?.();
    await settled();
    expect(peer.reads).toHaveLength(5);
  });

  it('without end has little read for it', async () => {
    const peer = setUp({ endsAtOnce: false });
    for (let nth = 0; nth < 10_000; nth++) {
      peer.ask(1, (nth * 64) % 3_000);
      if (nth % 100 === 0) await settled();
      peer.upload.cancelled(...nthBlock((nth * 64) % 3_000));
    }
    await settled();
    expect(peer.reads).toHaveLength(4);
    expect([peer.rejected.length, peer.state.hungUp]).toEqual([10_000, 0]);
    peer.ask(1);
    await peer.endAll();
    expect(peer.sent).toEqual(blocks(1));
  });

  it('once of two that are alike leaves the other', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(1);
    peer.ask(1);
    peer.upload.cancelled(...nthBlock(0));
    await peer.endAll();
    expect(peer.sent).toEqual(blocks(1));
    expect(peer.rejected).toEqual(blocks(1));
    peer.upload.cancelled(...nthBlock(0));
    expect(peer.rejected).toEqual(blocks(1));
  });
});

describe('what cannot be read', () => {
  it('is refused after five seconds, and not before', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(1);
    await peer.endAll('fail');
    vi.advanceTimersByTime(4_999);
    expect(peer.rejected).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(peer.rejected).toEqual(blocks(1));
    expect(peer.limit.takenBytes).toBe(0);
    expect(peer.readCache.usedBytes).toBe(0);
  });

  it('together is read block by block, and only what is bad is refused', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(4);
    await settled();
    peer.ends.shift()?.('fail');
    await settled();
    for (const how of [undefined, 'fail', undefined, undefined] as const) {
      peer.ends.shift()?.(how);
      await settled();
    }
    expect(peer.reads).toEqual([[0, 0, 64 * KiB], ...blocks(4)]);
    expect(peer.sent).toEqual([nthBlock(0), nthBlock(2), nthBlock(3)]);
    vi.advanceTimersByTime(5_000);
    expect(peer.rejected).toEqual(blocks(1, 1));
  });

  it('is not read more often than four times in five seconds, however often it is asked for', async () => {
    const peer = setUp({ endsAtOnce: false });
    const strays = Array.from({ length: 40 }, (_, nth) => nthBlock(nth * 64));
    for (const block of strays) peer.upload.requested(...block);
    await peer.endAll('fail');
    expect(peer.reads).toHaveLength(4);
    for (const block of strays.slice(0, 4)) peer.upload.cancelled(...block);
    await settled();
    expect(peer.reads).toHaveLength(4);
    vi.advanceTimersByTime(5_000);
    await settled();
    expect(peer.reads).toHaveLength(8);
    expect(peer.rejected).toEqual(strays.slice(0, 4));
  });
});

describe('with a limit', () => {
  it('no more is sent than it allows, and the rest when it allows more', async () => {
    const peer = setUp();
    peer.limit.leftBytes = 40 * KiB;
    peer.ask(10);
    await peer.takeAll();
    expect(peer.sent).toEqual(blocks(2));
    expect(peer.limit.waiting.size).toBe(1);
    peer.limit.leftBytes = 1024 * KiB;
    peer.upload.resume();
    await peer.takeAll();
    expect(peer.sent).toEqual(blocks(10));
  });

  it('cancelled requests cost nothing', async () => {
    const peer = setUp();
    peer.limit.leftBytes = 0;
    peer.ask(10);
    await settled();
    for (const block of blocks(9)) peer.upload.cancelled(...block);
    peer.limit.leftBytes = 16 * KiB;
    peer.upload.resume();
    await settled();
    expect(peer.sent).toEqual(blocks(1, 9));
    expect(peer.limit.leftBytes).toBe(0);
  });

  it('nobody waits who has left', async () => {
    const peer = setUp();
    peer.limit.leftBytes = 0;
    peer.ask(10);
    await settled();
    expect(peer.limit.waiting.size).toBe(1);
    peer.upload.close();
    expect(peer.limit.waiting.size).toBe(0);
    peer.limit.leftBytes = 1024 * KiB;
    peer.upload.resume();
    peer.drain();
    await settled();
    expect(peer.reads).toEqual([]);
  });
});

describe('when all memory is taken', () => {
  it('uploads wait, and each is served in its turn', async () => {
    const readCache = new ReadCache(128 * KiB, 0);
    const holders = [setUp({ readCache }), setUp({ readCache })];
    for (const holder of holders) holder.ask(8);
    await settled();
    expect(readCache.usedBytes).toBe(128 * KiB);
    const later = [setUp({ readCache }), setUp({ readCache })];
    for (const peer of later) peer.ask(4);
    await settled();
    expect(later.map(({ sent }) => sent)).toEqual([[], []]);
    for (let round = 0; round < 10; round++) {
      for (const peer of [...holders, ...later]) peer.drain();
      await settled();
    }
    expect(later.map(({ sent }) => sent)).toEqual([blocks(4), blocks(4)]);
    expect(holders.map(({ sent }) => sent)).toEqual([blocks(8), blocks(8)]);
    expect(readCache.usedBytes).toBeLessThanOrEqual(128 * KiB);
  });

  it('who takes nothing for ten seconds is hung up on, and not before others wait', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const readCache = new ReadCache(128 * KiB, 0);
    const [one, two] = [setUp({ readCache }), setUp({ readCache })];
    for (const peer of [one, two]) peer.ask(8);
    await settled();
    vi.advanceTimersByTime(60_000);
    expect([one.state.closed, two.state.closed]).toEqual([0, 0]);
    two.drain();
    await settled();
    const waiting = setUp({ readCache });
    waiting.ask(4);
    await settled();
    vi.advanceTimersByTime(1_000);
    expect([one.state.closed, two.state.closed]).toEqual([1, 0]);
    one.state.isClosed = true;
    one.upload.close();
    one.drain();
    await settled();
    expect(waiting.sent).toEqual(blocks(4));
    vi.advanceTimersByTime(60_000);
    expect(waiting.state.closed).toBe(0);
  });
});

it('nothing is sent, read or refused once the connection is over, and all that was taken is given back', async () => {
  const peer = setUp({ endsAtOnce: false });
  const strays = Array.from({ length: 20 }, (_, nth) => nthBlock(nth * 64));
  for (const block of strays) peer.upload.requested(...block);
  await settled();
  peer.state.isClosed = true;
  peer.upload.close();
  for (const [nth, end] of peer.ends.entries()) end(nth % 2 === 0 ? 'fail' : undefined);
  await settled();
  vi.advanceTimersByTime(5_000);
  await settled();
  expect([peer.sent, peer.rejected]).toEqual([[], []]);
  expect(peer.reads).toHaveLength(4);
  expect(peer.limit.takenBytes).toBe(0);
  peer.content.readCache.close();
  expect(peer.readCache.usedBytes).toBe(0);
});

describe('a peer that was sent a block', () => {
  it('is noticed when it asks for it again, once each time it was sent', async () => {
    const peer = setUp();
    peer.ask(4);
    await peer.takeAll();
    expect(peer.askedAgain).toEqual([]);
    peer.ask(4);
    expect(peer.askedAgain).toEqual([0]);
    await peer.takeAll();
    peer.ask(1, 2);
    peer.ask(1, 64);
    expect(peer.askedAgain).toEqual([0, 0]);
  });

  it('is not listened to for ever', async () => {
    const peer = setUp();
    peer.ask(64);
    await peer.takeAll();
    for (let nth = 0; nth < 20; nth++) {
      peer.ask(1, nth);
      await peer.takeAll();
    }
    expect(peer.askedAgain.length).toBeLessThan(20);
    expect(peer.sent).toHaveLength(84);
  });

  it('is not taken for one that comes back when it was refused before', async () => {
    const peer = setUp();
    peer.state.unsentBytes = 2 ** 20;
    peer.ask(4);
    await settled();
    peer.upload.choked();
    peer.ask(4);
    await peer.takeAll();
    expect([peer.sent, peer.askedAgain]).toEqual([blocks(4), []]);
  });
});

describe('a piece that is there no longer', () => {
  it('is refused to who asked for it before, and the others get theirs', async () => {
    const peer = setUp();
    peer.state.unsentBytes = 2 ** 20;
    peer.ask(2, 62);
    peer.ask(2, 64);
    await settled();
    peer.lost.add(1);
    peer.upload.withdrawn();
    expect(peer.rejected).toEqual(blocks(2, 64));
    await peer.takeAll();
    expect(peer.sent).toEqual(blocks(2, 62));
    peer.upload.close();
    expect([peer.readCache.usedBytes, peer.limit.takenBytes]).toEqual([0, 32 * KiB]);
  });

  it('is refused to who asks for it, read or not', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(200);
    await settled();
    peer.lost.add(0);
    peer.lost.add(2);
    peer.upload.withdrawn();
    expect(peer.rejected).toHaveLength(128);
    for (let nth = 0; nth < 40; nth++) {
      await peer.endAll();
      peer.drain();
    }
    expect(peer.sent).toEqual([...blocks(64, 64), ...blocks(8, 192)]);
    expect(peer.upload.isAsked).toBe(false);
  });
});
