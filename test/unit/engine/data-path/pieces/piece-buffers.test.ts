import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const unitBytes = 16 * KiB;
/** Waiting ones are called in a microtask, or in an immediate. */
const turns = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
const sizeOf = (lengthBytes: number) => {
  let sizeBytes = unitBytes;
  while (sizeBytes < lengthBytes) sizeBytes *= 2;
  return sizeBytes;
};

/** The same by looking at every unit. */
class Model {
  readonly units: boolean[];
  readonly taken = new Map<number, number>();

  constructor(
    readonly sizeBytes: number,
    readonly reserveBytes: number,
  ) {
    this.units = new Array<boolean>(sizeBytes / unitBytes).fill(false);
  }

  get usedBytes(): number {
    return this.units.filter((isTaken) => isTaken).length * unitBytes;
  }

  take(lengthBytes: number, keptBytes: number): number {
    const ownBytes = sizeOf(lengthBytes);
    if (this.sizeBytes - this.usedBytes - ownBytes < keptBytes) return -1;
    const count = ownBytes / unitBytes;
    for (let first = 0; first < this.units.length; first += count) {
      if (this.units.slice(first, first + count).some((isTaken) => isTaken)) continue;
      this.units.fill(true, first, first + count);
      this.taken.set(first * unitBytes, count);
      return first * unitBytes;
    }
    return -1;
  }

  free(startBytes: number): void {
    const count = this.taken.get(startBytes) ?? 0;
    this.taken.delete(startBytes);
    this.units.fill(false, startBytes / unitBytes, startBytes / unitBytes + count);
  }
}

/** A repeatable sequence of whole numbers below `below`. */
function randoms(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('memory for pieces', () => {
  it('is shared, of a power of two, and of 64 MiB if nothing else is said', () => {
    const buffers = new PieceBuffers();
    expect(buffers.shared.byteLength).toBe(64 * MiB);
    expect(buffers.memory.buffer).toBe(buffers.shared);
    expect(buffers.memory.byteLength).toBe(64 * MiB);
    expect(buffers.largestPieceBytes).toBe(16 * MiB);
    for (const wrong of [0, 8 * KiB, 48 * KiB, MiB + 1, Number.NaN, -MiB]) {
      expect(() => new PieceBuffers(wrong)).toThrow(RangeError);
    }
  });

  it('is handed out in powers of two, from the lowest free address', () => {
    const buffers = new PieceBuffers();
    const starts = [1, 16 * KiB, 16 * KiB + 1, 100 * KiB, 1].map((bytes) =>
      buffers.allocatePiece(bytes),
    );
    expect(starts).toEqual([0, 16, 32, 128, 64].map((kibibytes) => kibibytes * KiB));
    expect(buffers.usedBytes).toBe((16 + 16 + 32 + 128 + 16) * KiB);
    buffers.free(16 * KiB);
    expect(buffers.allocateBlock(16 * KiB)).toBe(16 * KiB);
  });

  it('is never given to a piece of more than 16 MiB, nor to a block of more than 128 KiB', () => {
    const buffers = new PieceBuffers();
    expect(buffers.allocatePiece(16 * MiB + 1)).toBe(-1);
    expect(buffers.allocatePiece(2 ** 31)).toBe(-1);
    expect(buffers.allocatePiece(2 ** 40)).toBe(-1);
    expect(buffers.allocateBlock(128 * KiB + 1)).toBe(-1);
    expect(buffers.allocateBlock(2 ** 32 + 1)).toBe(-1);
    expect(buffers.usedBytes).toBe(0);
  });

  it('is kept from pieces where the reserve for blocks begins, and blocks may have all of it', () => {
    const buffers = new PieceBuffers();
    expect([1, 2, 3].map(() => buffers.allocatePiece(16 * MiB))).toEqual([0, 16 * MiB, 32 * MiB]);
    expect(buffers.allocatePiece(16 * MiB)).toBe(-1);
    expect(buffers.allocatePiece(4 * MiB)).toBe(48 * MiB);
    expect(buffers.allocatePiece(1)).toBe(-1);
    for (let nth = 0; nth < 96; nth++) {
      expect(buffers.allocateBlock(128 * KiB)).toBe(52 * MiB + nth * 128 * KiB);
    }
    expect(buffers.allocateBlock(1)).toBe(-1);
    expect(buffers.usedBytes).toBe(64 * MiB);
  });

  it('has no room for pieces so large that the reserve would be touched', () => {
    const buffers = new PieceBuffers(MiB, 600 * KiB);
    expect(buffers.largestPieceBytes).toBe(256 * KiB);
    expect(buffers.allocatePiece(256 * KiB)).toBe(0);
  });

  it('is not given back twice, nor where nothing begins', () => {
    const buffers = new PieceBuffers();
    const start = buffers.allocatePiece(MiB);
    for (const wrong of [start + unitBytes, start + 1, -unitBytes, 64 * MiB, 0.5, Number.NaN]) {
      expect(() => buffers.free(wrong)).toThrow(RangeError);
    }
    buffers.free(start);
    expect(() => buffers.free(start)).toThrow(RangeError);
    expect(buffers.usedBytes).toBe(0);
  });

  it('goes where looking at every unit would find it, over 100,000 takes and gives', () => {
    const random = randoms(1);
    const sizeBytes = 2 * MiB;
    const reserveBytes = 384 * KiB;
    const buffers = new PieceBuffers(sizeBytes, reserveBytes);
    const model = new Model(sizeBytes, reserveBytes);
    const starts: number[] = [];
    for (let step = 0; step < 100_000; step++) {
      // Now it fills up, now it empties.
      const isTake = random(100) < (Math.floor(step / 5_000) % 2 === 0 ? 60 : 45);
      if (isTake) {
        const isPiece = random(2) === 0;
        const lengthBytes = 1 + random(isPiece && random(4) === 0 ? 600 * KiB : 128 * KiB);
        const start = isPiece
          ? buffers.allocatePiece(lengthBytes)
          : buffers.allocateBlock(lengthBytes);
        if (start !== model.take(lengthBytes, isPiece ? reserveBytes : 0)) {
          expect.unreachable(`step ${step}: ${lengthBytes} bytes went to ${start}`);
        }
        if (start >= 0) starts.push(start);
      } else if (starts.length > 0) {
        const [start = 0] = starts.splice(random(starts.length), 1);
        buffers.free(start);
        model.free(start);
      }
      if (step % 100 === 0) expect(buffers.usedBytes).toBe(model.usedBytes);
    }
    for (const start of starts) buffers.free(start);
    expect(buffers.usedBytes).toBe(0);
    expect(buffers.allocatePiece(buffers.largestPieceBytes)).toBe(0);
  });

  it('never overlaps, and is as at first once all is given back', () => {
    const steps = fc.array(fc.record({ lengthBytes: fc.integer({ min: 1, max: 17 * MiB }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat()), (takes, choices) => {
        const buffers = new PieceBuffers();
        const taken = new Map<number, number>();
        let usedBytes = 0;
        for (const { lengthBytes } of takes) {
          const start = buffers.allocatePiece(lengthBytes);
          if (start < 0) continue;
          const ownBytes = sizeOf(lengthBytes);
          expect(start % ownBytes).toBe(0);
          for (const [other, otherBytes] of taken) {
            expect(start + ownBytes <= other || other + otherBytes <= start).toBe(true);
          }
          taken.set(start, ownBytes);
          usedBytes += ownBytes;
          expect(buffers.usedBytes).toBe(usedBytes);
          expect(start + ownBytes).toBeLessThanOrEqual(64 * MiB);
        }
        while (taken.size > 0) {
          const starts = [...taken.keys()];
          const start = starts[(choices.next().value ?? 0) % starts.length] ?? 0;
          taken.delete(start);
          buffers.free(start);
        }
        expect(buffers.usedBytes).toBe(0);
        expect([1, 2, 3].map(() => buffers.allocatePiece(16 * MiB))).toEqual([
          0,
          16 * MiB,
          32 * MiB,
        ]);
      }),
    );
  });
});

describe('who waits for memory', () => {
  /** All of 1 MiB is taken, in blocks of 128 KiB. */
  function full() {
    const buffers = new PieceBuffers(MiB, 0);
    const starts = Array.from({ length: 8 }, () => buffers.allocateBlock(128 * KiB));
    return { buffers, starts };
  }

  it('is called once, after something was given back, and never inside of that', async () => {
    const { buffers, starts } = full();
    let calls = 0;
    const onRoom = () => {
      calls += 1;
    };
    expect(buffers.allocateBlock(1)).toBe(-1);
    buffers.waitForRoom(onRoom);
    buffers.waitForRoom(onRoom);
    await turns();
    expect(calls).toBe(0);
    buffers.free(starts[0] ?? 0);
    expect(calls).toBe(0);
    await Promise.resolve();
    expect(calls).toBe(1);
    buffers.free(starts[1] ?? 0);
    await turns();
    expect(calls).toBe(1);
  });

  it('is not called if it stopped waiting', async () => {
    const { buffers, starts } = full();
    let calls = 0;
    const onRoom = () => {
      calls += 1;
    };
    expect(buffers.allocateBlock(1)).toBe(-1);
    buffers.waitForRoom(onRoom);
    buffers.free(starts[0] ?? 0);
    buffers.stopWaiting(onRoom);
    expect(buffers.allocateBlock(1)).toBe(0);
    await turns();
    expect(calls).toBe(0);
  });

  it('comes before who gives back and takes again at once', async () => {
    const { buffers } = full();
    const got: string[] = [];
    const taker = (name: string) => () => {
      const start = buffers.allocateBlock(128 * KiB);
      if (start < 0) return buffers.waitForRoom(takers[name] ?? (() => {}));
      got.push(name);
      // It is done with it later, and wants the next.
      setImmediate(() => {
        buffers.free(start);
        takers[name]?.();
      });
    };
    const takers: Record<string, () => void> = {};
    for (const name of ['a', 'b', 'c']) takers[name] = taker(name);
    for (const take of Object.values(takers)) take();
    buffers.free(0);
    for (let turn = 0; turn < 30; turn++) await turns();
    expect(got.slice(0, 9).join('')).toBe('abcabcabc');
  });

  it('is passed over for who wants less, and called once there is room for what it was refused', async () => {
    const { buffers, starts } = full();
    const called: string[] = [];
    const waitFor = (name: string, lengthBytes: number) => {
      const onRoom = () => {
        called.push(name);
        if (buffers.allocatePiece(lengthBytes) < 0) buffers.waitForRoom(onRoom);
      };
      expect(buffers.allocatePiece(lengthBytes)).toBe(-1);
      buffers.waitForRoom(onRoom);
    };
    waitFor('large', 256 * KiB);
    waitFor('small', 128 * KiB);
    buffers.free(starts[0] ?? 0);
    await turns();
    expect(called).toEqual(['small']);
    buffers.free(starts[2] ?? 0);
    buffers.free(starts[3] ?? 0);
    await turns();
    expect(called).toEqual(['small', 'large']);
    expect(buffers.usedBytes).toBe(MiB);
  });

  it('is called if something was given back before it began to wait', async () => {
    const { buffers, starts } = full();
    let calls = 0;
    expect(buffers.allocateBlock(1)).toBe(-1);
    buffers.free(starts[5] ?? 0);
    buffers.waitForRoom(() => {
      calls += 1;
    });
    await turns();
    expect(calls).toBe(1);
  });

  it('gets its turn though another throws', async () => {
    const { buffers, starts } = full();
    let calls = 0;
    buffers.allocateBlock(1);
    buffers.waitForRoom(() => {
      throw new Error('a bug');
    });
    buffers.allocateBlock(1);
    buffers.waitForRoom(() => {
      calls += 1;
    });
    const thrown = new Promise((resolve) => {
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const other of others) process.on('uncaughtException', other);
        resolve(error);
      });
    });
    buffers.free(starts[0] ?? 0);
    expect(await thrown).toEqual(new Error('a bug'));
    expect(calls).toBe(1);
  });

  it('does not hold up everything if it takes, gives back and waits again for ever', async () => {
    const { buffers, starts } = full();
    let calls = 0;
    const onRoom = () => {
      calls += 1;
      const start = buffers.allocateBlock(1);
      if (start >= 0) buffers.free(start);
      buffers.waitForRoom(onRoom);
    };
    buffers.allocateBlock(1);
    buffers.waitForRoom(onRoom);
    buffers.free(starts[0] ?? 0);
    await turns();
    buffers.stopWaiting(onRoom);
    expect(calls).toBeLessThan(10);
  });

  it('is called in turn, fifty torrents with pieces of all sizes, and all of them come to an end', async () => {
    const random = randoms(7);
    const buffers = new PieceBuffers(MiB);
    let live = 0;
    const done: number[] = [];
    for (let torrent = 0; torrent < 50; torrent++) {
      let pieces = 40;
      const lengthBytes = unitBytes << (torrent % 6);
      const refill = () => {
        while (pieces > 0) {
          const start = buffers.allocatePiece(lengthBytes);
          if (start < 0) {
            buffers.waitForRoom(refill);
            return;
          }
          pieces -= 1;
          live += 1;
          setTimeout(() => {
            live -= 1;
            buffers.free(start);
            if (pieces > 0) refill();
            else done.push(torrent);
          }, random(3));
        }
      };
      refill();
    }
    while (live > 0) await turns();
    expect(new Set(done).size).toBe(50);
    expect(buffers.usedBytes).toBe(0);
  });
});
