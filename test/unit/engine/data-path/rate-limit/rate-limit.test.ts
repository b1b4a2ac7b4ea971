import { describe, expect, it } from 'vitest';
import { allOf } from '../../../../../src/engine/data-path/rate-limit/combined-limit.js';
import {
  type Clock,
  createRateLimit,
  type RateLimit,
  type RateWaiter,
} from '../../../../../src/engine/data-path/rate-limit/rate-limit.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const blockBytes = 16 * KiB;

interface Timer {
  readonly atMs: number;
  readonly onTime: () => void;
}

/** Time passes only in `pass`. Each timer is 1 to 15 ms late unless told otherwise. */
class LateClock implements Clock {
  #nowMs = 1_000_000;
  #started = 0;
  readonly #timers = new Set<Timer>();

  constructor(readonly mostLateMs = 15) {}

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(ms: number, onTime: () => void): () => void {
    this.#started += 1;
    const lateMs = this.mostLateMs && 1 + ((this.#started * 7) % this.mostLateMs);
    const timer = { atMs: this.#nowMs + ms + lateMs, onTime };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many run. */
  get timers(): number {
    return this.#timers.size;
  }

  get started(): number {
    return this.#started;
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs);
      const [next] = due.sort((one, other) => one.atMs - other.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.onTime();
    }
    this.#nowMs = untilMs;
  }
}

/** Takes block after block, as many as it may, and up to `leftBytes` in all. */
class Taker implements RateWaiter {
  takenBytes = 0;
  resumes = 0;

  constructor(
    readonly limit: RateLimit,
    readonly lengthBytes = blockBytes,
    public leftBytes = Number.POSITIVE_INFINITY,
  ) {}

  start(): this {
    while (this.leftBytes > 0 && this.limit.take(this.lengthBytes, this)) {
      this.takenBytes += this.lengthBytes;
      this.leftBytes -= this.lengthBytes;
    }
    return this;
  }

  resume(): void {
    this.resumes += 1;
    this.start();
  }
}

/** Takes nothing when it is resumed. */
function bystander(onResume: () => void = () => {}): RateWaiter & { resumes: number } {
  return {
    resumes: 0,
    resume() {
      this.resumes += 1;
      onResume();
    },
  };
}

describe('a rate limit', () => {
  it.each([
    [64 * KiB, 1, blockBytes],
    [64 * KiB, 50, blockBytes],
    [MiB, 1, blockBytes],
    [MiB, 2, blockBytes],
    [MiB, 50, blockBytes],
    [MiB, 50, 128 * KiB],
    [100 * MiB, 1, blockBytes],
    [100 * MiB, 50, blockBytes],
    [100 * MiB, 500, 1 * KiB],
  ])(
    'lets %i bytes a second pass, within a tenth, to %i at once',
    (bytesPerSecond, count, length) => {
      const clock = new LateClock();
      const limit = createRateLimit(bytesPerSecond, clock);
      const takers = Array.from({ length: count }, () => new Taker(limit, length).start());
      clock.pass(10_000);
      const takenBytes = takers.reduce((sum, taker) => sum + taker.takenBytes, 0);
      expect(takenBytes / (10 * bytesPerSecond)).toBeGreaterThan(0.9);
      expect(takenBytes / (10 * bytesPerSecond)).toBeLessThan(1.1);
    },
  );

  it.each([1 * KiB, 16 * KiB, 50 * KiB, 64 * KiB])(
    'is never more than a block ahead at %i bytes a second, nor far behind',
    (bytesPerSecond) => {
      const clock = new LateClock();
      const limit = createRateLimit(bytesPerSecond, clock);
      const taker = new Taker(limit).start();
      for (let ms = 10; ms <= 100_000; ms += 10) {
        clock.pass(10);
        const dueBytes = (bytesPerSecond * ms) / 1000;
        expect(taker.takenBytes).toBeLessThanOrEqual(dueBytes + blockBytes);
        expect(taker.takenBytes).toBeGreaterThanOrEqual(0.9 * dueBytes - blockBytes);
      }
    },
  );

  it.each([1 * KiB, MiB, 100 * MiB])(
    'saves up a quarter of a second, at least a block, at %i bytes a second',
    (bytesPerSecond) => {
      const clock = new LateClock();
      const limit = createRateLimit(bytesPerSecond, clock);
      expect(new Taker(limit, blockBytes, MiB).start().takenBytes).toBe(blockBytes);
      const idle = createRateLimit(bytesPerSecond, clock);
      clock.pass(3_600_000);
      const burstBytes = Math.max(blockBytes, bytesPerSecond / 4);
      expect(new Taker(idle).start().takenBytes).toBe(burstBytes);
    },
  );

  it('gives a block larger than what can be saved up on credit', () => {
    const clock = new LateClock(0);
    const limit = createRateLimit(16 * KiB, clock);
    const waiter = bystander();
    expect(limit.take(128 * KiB, waiter)).toBe(true);
    expect(limit.take(1, waiter)).toBe(false);
    clock.pass(7_000);
    expect(waiter.resumes).toBe(0);
    clock.pass(10);
    expect(waiter.resumes).toBe(1);
  });

  it('refuses a rate that is none', () => {
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createRateLimit(wrong)).toThrow(RangeError);
    }
  });

  it('that is undefined allows everything', () => {
    const limit = createRateLimit(undefined);
    const waiter = bystander();
    expect(limit.take(2 ** 50, waiter)).toBe(true);
    limit.giveBack(1);
    limit.forget(waiter);
    limit.close();
    expect(limit.take(2 ** 50, waiter)).toBe(true);
  });

  it('goes by the real clock if no other is given', async () => {
    const limit = createRateLimit(MiB);
    const taker = new Taker(limit, blockBytes, 8 * blockBytes).start();
    expect(taker.takenBytes).toBe(blockBytes);
    const startedMs = performance.now();
    while (taker.leftBytes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(performance.now() - startedMs).toBeGreaterThan(100);
  });
});

describe('who waits for allowance', () => {
  it.each([2, 50])('gets as much as each of the others, %i in all', (count) => {
    for (const bytesPerSecond of [16 * KiB, MiB, 100 * MiB]) {
      const clock = new LateClock();
      const limit = createRateLimit(bytesPerSecond, clock);
      limit.take(blockBytes, bystander());
      const takers = Array.from({ length: count }, () => new Taker(limit).start());
      for (let second = 0; second < 10; second++) {
        clock.pass(1_000);
        const takenBytes = takers.map((taker) => taker.takenBytes);
        expect(Math.max(...takenBytes) - Math.min(...takenBytes)).toBeLessThanOrEqual(blockBytes);
      }
    }
  });

  it('is not overtaken by who comes later, and keeps its place if it asks again', () => {
    const clock = new LateClock(0);
    const limit = createRateLimit(64 * KiB, clock);
    limit.take(blockBytes, bystander());
    const order: string[] = [];
    const first = new Taker(limit, blockBytes, blockBytes).start();
    const second = bystander(() => order.push(`second, first has ${first.takenBytes}`));
    expect(limit.take(100, second)).toBe(false);
    clock.pass(100);
    // There is allowance for it, but not for the one before.
    expect(limit.take(100, bystander())).toBe(false);
    first.start();
    clock.pass(1_000);
    expect(order).toEqual([`second, first has ${blockBytes}`]);
  });

  it('may take several small ones in its turn, a block in all', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    limit.take(blockBytes, bystander());
    const takers = [1, 2].map(() => new Taker(limit, 6 * KiB).start());
    clock.pass(2_000);
    for (const { takenBytes, resumes } of takers) {
      expect(takenBytes).toBeGreaterThan(resumes * 6 * KiB);
      expect(takenBytes).toBeLessThanOrEqual(resumes * 12 * KiB);
    }
    const [one = 0, other = 0] = takers.map(({ takenBytes }) => takenBytes);
    expect(Math.abs(one - other)).toBeLessThanOrEqual(0.05 * one);
  });

  it('is resumed once, and not if it was forgotten; no timer is left for nobody', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    limit.take(blockBytes, bystander());
    const waiters = [bystander(), bystander(), bystander()];
    for (const waiter of waiters) limit.take(blockBytes, waiter);
    for (const waiter of waiters.slice(0, 1)) limit.forget(waiter);
    expect(clock.timers).toBe(1);
    clock.pass(10_000);
    expect(waiters.map(({ resumes }) => resumes)).toEqual([0, 1, 1]);
    expect(clock.timers).toBe(0);
    for (let nth = 0; nth < 100; nth++) limit.take(blockBytes, bystander());
    const last = bystander();
    const other = createRateLimit(1 * KiB, clock);
    other.take(blockBytes, last);
    other.take(blockBytes, last);
    const timers = clock.timers;
    other.forget(last);
    expect(clock.timers).toBe(timers - 1);
  });

  it('is resumed in one go with hundreds of others, and one that throws stops none of them', async () => {
    const clock = new LateClock();
    const limit = createRateLimit(100 * MiB, clock);
    limit.take(blockBytes, bystander());
    const bug = new Error('a bug');
    const waiters = Array.from({ length: 500 }, (_, nth) =>
      bystander(() => {
        if (nth % 100 === 0) throw bug;
      }),
    );
    for (const waiter of waiters) limit.take(blockBytes, waiter);
    const thrown: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    clock.pass(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
    expect(waiters.every(({ resumes }) => resumes === 1)).toBe(true);
    expect(thrown).toEqual([bug, bug, bug, bug, bug]);
    expect(clock.started).toBe(1);
  });

  it('does not hold up everything if it gives back all it takes and asks again', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    limit.take(blockBytes, bystander());
    const fickle: RateWaiter = {
      resume() {
        if (limit.take(blockBytes, fickle)) limit.giveBack(blockBytes);
        limit.take(blockBytes, fickle);
      },
    };
    limit.take(blockBytes, fickle);
    const taker = new Taker(limit).start();
    clock.pass(10_000);
    expect(taker.takenBytes / (10 * MiB)).toBeGreaterThan(0.9);
  });

  it('hears nothing after the limit was closed, and no timer runs then', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    const taker = new Taker(limit).start();
    limit.close();
    expect(clock.timers).toBe(0);
    expect(limit.take(1, taker)).toBe(false);
    limit.giveBack(MiB);
    expect(limit.take(1, taker)).toBe(false);
    clock.pass(10_000);
    expect([taker.resumes, clock.timers]).toEqual([0, 0]);
  });

  it('hears nothing any more if another closed the limit in its turn', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    limit.take(blockBytes, bystander());
    const closer = bystander(() => limit.close());
    const waiter = bystander();
    limit.take(1, closer);
    limit.take(1, waiter);
    clock.pass(1_000);
    expect([closer.resumes, waiter.resumes, clock.timers]).toEqual([1, 0, 0]);
  });
});

describe('what is given back', () => {
  it('may be taken again, by those who wait soon', () => {
    const clock = new LateClock(0);
    const limit = createRateLimit(1 * KiB, clock);
    const waiter = bystander();
    expect(limit.take(blockBytes, waiter)).toBe(true);
    expect(limit.take(blockBytes, waiter)).toBe(false);
    limit.giveBack(blockBytes);
    clock.pass(5);
    expect(waiter.resumes).toBe(1);
    expect(limit.take(blockBytes, waiter)).toBe(true);
  });

  it('is as though it had not been taken: no more is saved up than before', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    for (let nth = 0; nth < 100; nth++) limit.giveBack(MiB);
    expect(new Taker(limit).start().takenBytes).toBe(256 * KiB);
  });

  it('counts as never passed: half of it back is as fast for the other half', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    const other = new Taker(limit).start();
    const fickle: RateWaiter = {
      resume() {
        while (limit.take(blockBytes, fickle)) limit.giveBack(blockBytes);
      },
    };
    fickle.resume();
    clock.pass(10_000);
    expect(other.takenBytes / (10 * MiB)).toBeGreaterThan(0.9);
    expect(other.takenBytes / (10 * MiB)).toBeLessThan(1.1);
  });
});

describe('several limits', () => {
  it('leave away those that allow everything', () => {
    const clock = new LateClock();
    const limit = createRateLimit(MiB, clock);
    const none = createRateLimit(undefined);
    expect(allOf([none, limit, none])).toBe(limit);
    expect(allOf([none, none])).toBe(none);
    expect(allOf([])).toBe(none);
  });

  it('must all agree, and the narrowest is what counts', () => {
    const rates = [MiB, 256 * KiB, 4 * MiB];
    for (const turned of [0, 1, 2]) {
      const clock = new LateClock();
      const order = [...rates.slice(turned), ...rates.slice(0, turned)];
      const limit = allOf(order.map((rate) => createRateLimit(rate, clock)));
      const takers = Array.from({ length: 5 }, () => new Taker(limit).start());
      clock.pass(10_000);
      const takenBytes = takers.reduce((sum, taker) => sum + taker.takenBytes, 0);
      expect(takenBytes / (2.5 * MiB)).toBeGreaterThan(0.9);
      expect(takenBytes / (2.5 * MiB)).toBeLessThan(1.1);
    }
  });

  it.each([
    [64 * KiB, 4 * MiB, 4, 200],
    [16 * KiB, MiB, 1, 50],
    [60 * KiB, 4 * MiB, 1, 50],
    [256 * KiB, MiB, 10, 10],
  ])(
    "let a torrent's %i bytes a second pass beside all others' %i, in either order",
    (own, all, count, others) => {
      for (const isTurned of [false, true]) {
        const clock = new LateClock();
        const forAll = createRateLimit(all, clock);
        const forOne = createRateLimit(own, clock);
        const both = allOf(isTurned ? [forAll, forOne] : [forOne, forAll]);
        const takers = Array.from({ length: count }, () => new Taker(both).start());
        for (let nth = 0; nth < others; nth++) new Taker(forAll).start();
        clock.pass(60_000);
        const takenBytes = takers.reduce((sum, taker) => sum + taker.takenBytes, 0);
        expect(takenBytes / (60 * own)).toBeGreaterThan(0.9);
        expect(takenBytes / (60 * own)).toBeLessThan(1.1);
      }
    },
  );

  it('give back what the earlier ones gave to somebody who is forgotten, or asks for something else', () => {
    const clock = new LateClock();
    const first = createRateLimit(1 * KiB, clock);
    const second = createRateLimit(1 * KiB, clock);
    const both = allOf([first, second]);
    const [waiter, other] = [bystander(), bystander()];
    second.take(blockBytes, other);
    expect(both.take(blockBytes, waiter)).toBe(false);
    expect(first.take(100, other)).toBe(false);
    first.forget(other);
    both.forget(waiter);
    expect(clock.timers).toBe(0);
    expect(both.take(blockBytes, waiter)).toBe(false);
    expect(both.take(10 * KiB, waiter)).toBe(false);
    expect(first.take(6 * KiB, other)).toBe(true);
    both.close();
    expect(first.take(10 * KiB, other)).toBe(true);
  });

  it('give back to each of them', () => {
    const clock = new LateClock();
    const limits = [1, 2, 3].map(() => createRateLimit(1 * KiB, clock));
    const all = allOf(limits);
    expect(all.take(blockBytes, bystander())).toBe(true);
    all.giveBack(blockBytes);
    for (const limit of limits) expect(limit.take(blockBytes, bystander())).toBe(true);
  });
});
