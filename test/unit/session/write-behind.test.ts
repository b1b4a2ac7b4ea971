import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createDeferred } from '../../../src/async/deferred.js';
import { createWriteBehind } from '../../../src/session/write-behind.js';

interface Recorded {
  readonly writesAtOnce?: number;
  readonly manyAtOnce?: number;
  readonly fails?: (key: number) => boolean;
}

function record(options: Recorded = {}) {
  const written: number[] = [];
  const errors: unknown[] = [];
  let busy = 0;
  let most = 0;
  let attempts = 0;
  const writer = createWriteBehind<number>({
    writesAtOnce: options.writesAtOnce ?? 2,
    ...(options.manyAtOnce && { manyAtOnce: options.manyAtOnce }),
    retryMs: 5,
    write: async (key) => {
      attempts += 1;
      busy += 1;
      most = Math.max(most, busy);
      await nextTurn();
      busy -= 1;
      if (options.fails?.(key)) throw new Error(`no ${key}`);
      written.push(key);
    },
    onError: (error) => errors.push(error),
  });
  return { writer, written, errors, most: () => most, attempts: () => attempts };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await nextTurn();
  }
}

describe('writing behind', () => {
  it('writes what is marked many times in quick succession once', async () => {
    const { writer, written } = record();
    for (let times = 0; times < 100; times++) writer.mark(1);
    await until(() => written.length > 0);
    await writer.flush();
    expect(written).toEqual([1]);
  });

  it('writes again what is marked while it is written, and never one key twice at once', async () => {
    const begun: ReturnType<typeof createDeferred<void>>[] = [];
    const writer = createWriteBehind<number>({
      writesAtOnce: 4,
      retryMs: 5,
      write: () => {
        const writing = createDeferred<void>();
        begun.push(writing);
        return writing.promise;
      },
      onError: () => {},
    });
    writer.mark(1);
    await until(() => begun.length === 1);
    writer.mark(1);
    await nextTurn();
    await nextTurn();
    expect(begun).toHaveLength(1);
    begun[0]?.resolve();
    await until(() => begun.length === 2);
    begun[1]?.resolve();
    await writer.flush();
    expect(begun).toHaveLength(2);
  });

  it('writes no more at once than it may, in the order of the marks', async () => {
    const { writer, written, most } = record({ writesAtOnce: 2 });
    const keys = Array.from({ length: 500 }, (_, key) => key);
    for (const key of keys) writer.mark(key);
    await writer.flush();
    expect(written).toEqual(keys);
    expect(most()).toBe(2);
  });

  it('writes more at once where many wait, and then few again', async () => {
    const { writer, written, most } = record({ writesAtOnce: 2, manyAtOnce: 10 });
    for (let key = 0; key < 9; key++) writer.mark(key);
    await until(() => written.length === 9);
    expect(most()).toBe(2);
    for (let key = 0; key < 50; key++) writer.mark(key);
    await until(() => written.length === 59);
    expect(most()).toBe(10);
  });

  it('writes two at a time at the end, however many wait', async () => {
    const { writer, written, most } = record({ writesAtOnce: 2, manyAtOnce: 10 });
    for (let key = 0; key < 50; key++) writer.mark(key);
    await writer.flush();
    expect([written.length, most()]).toEqual([50, 2]);
  });

  it('tells an error once, tries again by itself, and tells of a new one after it was over', async () => {
    let isFull = true;
    const { writer, written, errors, attempts } = record({ fails: () => isFull });
    for (let key = 0; key < 10; key++) writer.mark(key);
    await until(() => attempts() > 5);
    expect(errors).toHaveLength(1);
    isFull = false;
    await until(() => written.length === 10);
    expect(errors).toEqual([new Error('no 0')]);
    isFull = true;
    writer.mark(11);
    await until(() => errors.length === 2);
    await writer.stop();
  });

  it('lets what can never be written delay nothing else', async () => {
    const { writer, written, errors } = record({ writesAtOnce: 1, fails: (key) => key === 0 });
    for (let key = 0; key < 10; key++) writer.mark(key);
    await until(() => written.length === 9);
    expect(errors).toHaveLength(1);
    await writer.flush();
    expect(writer.unwritten()).toEqual([]);
  });

  it('tells when all that was marked so far is written, whatever is marked later', async () => {
    const { writer, written } = record({ writesAtOnce: 1 });
    expect(await writer.settled()).toBe(true);
    writer.mark(1);
    writer.mark(2);
    const settled = writer.settled();
    writer.mark(3);
    expect(await settled).toBe(true);
    expect(written).toEqual([1, 2]);
    await writer.stop();
  });

  it('tells those who wait when it cannot be written, or is not any more', async () => {
    const { writer } = record({ fails: (key) => key === 1 });
    writer.mark(1);
    expect(await writer.settled()).toBe(false);
    writer.mark(2);
    const settled = writer.settled();
    await writer.stop();
    expect(await settled).toBe(false);
    expect(await writer.settled()).toBe(false);
  });

  it('begins nothing after it was stopped', async () => {
    const { writer, written } = record();
    writer.mark(1);
    await writer.stop();
    writer.mark(2);
    await nextTurn();
    await nextTurn();
    expect(written).toEqual([]);
  });
});
