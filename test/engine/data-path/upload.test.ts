// What a peer gets of what it asks for, and how little it can make us do by asking.
import Wire from 'bittorrent-protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../../src/engine/data-path/connection.js';
import type { RateLimit, RateWaiter } from '../../../src/engine/data-path/rate-limit.js';
import { Upload } from '../../../src/engine/data-path/upload.js';

const KiB = 1024;
const pieceBytes = 1024 * KiB;
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
function setUp(options: { readonly hasFast?: boolean; readonly endsAtOnce?: boolean } = {}) {
  const { hasFast = true, endsAtOnce = true } = options;
  const reads: Read[] = [];
  const ends: ((how?: 'fail') => void)[] = [];
  const sent: Read[] = [];
  const rejected: Read[] = [];
  const drains: (() => void)[] = [];
  const state = { isClosed: false, unsentBytes: 0, hungUp: 0, sentBytes: 0, mostUnsentBytes: 0 };
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
    send(bytes: Uint8Array) {
      state.unsentBytes += bytes.length;
      state.mostUnsentBytes = Math.max(state.mostUnsentBytes, state.unsentBytes);
      if (bytes.length !== 13) return;
      const header = Buffer.from(bytes);
      expect(header[4]).toBe(7);
      sent.push([header.readUInt32BE(5), header.readUInt32BE(9), header.readUInt32BE(0) - 9]);
    },
    hangUp() {
      state.hungUp += 1;
    },
    onDrain: (listener: () => void) => void drains.push(listener),
  } satisfies Partial<Connection>;
  const limit = new CountingLimit();
  const upload = new Upload({
    connection: connection as unknown as Connection,
    content: {
      pieceCount,
      pieceBytes: (index) => (index === pieceCount - 1 ? 100_000 : pieceBytes),
      has: (index) => index !== 50,
      read: (...read) => {
        reads.push(read);
        if (endsAtOnce) return Promise.resolve(new Uint8Array(read[2]));
        return new Promise((resolve, fail) => {
          ends.push((how) =>
            how === 'fail' ? fail(new Error()) : resolve(new Uint8Array(read[2])),
          );
        });
      },
    },
    limit,
    onSent: (lengthBytes) => {
      state.sentBytes += lengthBytes;
    },
  });
  return {
    ...{ upload, reads, ends, sent, rejected, state, limit, wire },
    ask(count: number, from = 0) {
      for (let nth = from; nth < from + count; nth++) {
        upload.requested(Math.floor(nth / 64) % 50, (nth % 64) * 16 * KiB, 16 * KiB);
      }
    },
    drain() {
      state.unsentBytes = 0;
      for (const listener of drains) listener();
    },
  };
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
    await settled();
    expect(peer.sent).toEqual(blocks(10));
    expect(peer.state.sentBytes).toBe(160 * KiB);
    expect(peer.wire.uploaded).toBe(160 * KiB);
    expect(peer.limit.takenBytes).toBe(160 * KiB);
  });

  it('may have up to 128 KiB, and be the end of the last piece', async () => {
    const peer = setUp();
    peer.upload.requested(0, 896 * KiB, 128 * KiB);
    peer.upload.requested(99, 99_999, 1);
    await settled();
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

describe('who asks for much', () => {
  it('has 32 blocks read at once', () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(100);
    expect(peer.reads).toHaveLength(32);
  });

  it('is hung up on with more than 2,000 requests waiting', () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(2_032);
    expect(peer.state.hungUp).toBe(0);
    peer.ask(1, 2_032);
    expect(peer.state.hungUp).toBe(1);
  });

  it('and takes nothing has 512 KiB and the reads of that time waiting for it, not more', async () => {
    const peer = setUp();
    peer.ask(2_000);
    await settled();
    expect(peer.state.mostUnsentBytes).toBeGreaterThanOrEqual(512 * KiB);
    expect(peer.state.mostUnsentBytes).toBeLessThan((512 + 32 * 17) * KiB);
    const { length } = peer.reads;
    await settled();
    expect(peer.reads).toHaveLength(length);
    peer.drain();
    await settled();
    expect(peer.reads.length).toBeGreaterThan(length);
    for (let nth = 0; nth < 100; nth++) {
      peer.drain();
      await settled();
    }
    expect(peer.sent).toEqual(blocks(2_000));
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
      peer.upload.choked();
      for (const end of peer.ends) end();
      await settled();
      expect(peer.sent).toEqual([]);
      expect(peer.reads).toHaveLength(32);
      expect(peer.rejected).toEqual(hasFast ? blocks(40) : []);
      // Nothing of it counts against the limit.
      expect(peer.limit.takenBytes).toBe(0);
      peer.ask(1, 100);
      expect(peer.reads).toHaveLength(33);
    },
  );
});

describe('what is cancelled', () => {
  it('is not read, and refused under the fast extension', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(34);
    peer.upload.cancelled(...nthBlock(32));
    peer.upload.cancelled(...nthBlock(32));
    peer.upload.cancelled(90, 0, 16 * KiB);
    expect(peer.rejected).toEqual(blocks(1, 32));
    for (const end of peer.ends) end();
    await settled();
    expect(peer.reads).toEqual([...blocks(32), ...blocks(1, 33)]);
  });

  it('counts among those that are read until its read ends, and is not sent', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(64);
    for (const block of blocks(32)) peer.upload.cancelled(...block);
    await settled();
    expect(peer.rejected).toEqual(blocks(32));
    expect(peer.reads).toHaveLength(32);
    peer.ends[0]?.();
    await settled();
    expect(peer.reads).toHaveLength(33);
    for (const end of peer.ends) end();
    await settled();
    for (const end of peer.ends) end();
    await settled();
    expect(peer.sent).toEqual(blocks(32, 32));
    expect(peer.limit.takenBytes).toBe(32 * 16 * KiB);
  });

  it('once of two that are alike leaves the other', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(1);
    peer.ask(1);
    peer.upload.cancelled(...nthBlock(0));
    for (const end of peer.ends) end();
    await settled();
    expect(peer.sent).toEqual(blocks(1));
    expect(peer.rejected).toEqual(blocks(1));
  });
});

describe('what cannot be read', () => {
  it('is refused after five seconds, and not before', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(1);
    peer.ends[0]?.('fail');
    await settled();
    vi.advanceTimersByTime(4_999);
    expect(peer.rejected).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(peer.rejected).toEqual(blocks(1));
    expect(peer.limit.takenBytes).toBe(0);
  });

  it('is not read more often than 32 times in five seconds, however often it is asked for', async () => {
    const peer = setUp({ endsAtOnce: false });
    peer.ask(1_000);
    for (const end of peer.ends) end('fail');
    await settled();
    expect(peer.reads).toHaveLength(32);
    for (const block of blocks(32)) peer.upload.cancelled(...block);
    await settled();
    expect(peer.reads).toHaveLength(32);
    vi.advanceTimersByTime(5_000);
    await settled();
    expect(peer.reads).toHaveLength(64);
    expect(peer.rejected).toEqual(blocks(32));
  });
});

describe('with a limit', () => {
  it('no more is read than it allows, and the rest when it allows more', async () => {
    const peer = setUp();
    peer.limit.leftBytes = 40 * KiB;
    peer.ask(10);
    await settled();
    expect(peer.sent).toEqual(blocks(2));
    expect(peer.limit.waiting.size).toBe(1);
    peer.limit.leftBytes = 1024 * KiB;
    peer.upload.resume();
    await settled();
    expect(peer.sent).toEqual(blocks(10));
  });

  it('cancelled requests cost nothing', async () => {
    const peer = setUp();
    peer.limit.leftBytes = 0;
    peer.ask(10);
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

it('nothing is sent, read or refused once the connection is over, and the limit gets back what was taken', async () => {
  const peer = setUp({ endsAtOnce: false });
  peer.ask(40);
  peer.state.isClosed = true;
  peer.upload.close();
  for (const [nth, end] of peer.ends.entries()) end(nth % 2 === 0 ? 'fail' : undefined);
  await settled();
  vi.advanceTimersByTime(5_000);
  await settled();
  expect([peer.sent, peer.rejected]).toEqual([[], []]);
  expect(peer.reads).toHaveLength(32);
  expect(peer.limit.takenBytes).toBe(0);
});
