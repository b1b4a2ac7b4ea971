import { describe, expect, it, vi } from 'vitest';
import type { Change, JobState } from '../../../../machines/types.js';
import { createChangeQueue } from '../../../../src/helper/events/change-queue.js';
import { all } from '../../../support/helper/library-setup.js';

const change = (id: number, percent: number, repeated = false): Change => ({
  type: 'progress',
  id,
  kind: 'download',
  percent,
  repeated,
  file: 'a.iso',
  state: 'downloading',
});
const state = (id: number, name: JobState, percent?: number): Change => ({
  ...change(id, 0),
  type: 'state',
  state: name,
  percent,
  repeated: false,
});
const shown = (changes: readonly Change[]) =>
  changes.map(({ type, id, percent, state, repeated }) =>
    type === 'state' ? `${id} ${state}` : `${id}:${percent}${repeated ? ' again' : ''}`,
  );

function queueOf(options: Partial<Parameters<typeof createChangeQueue>[0]> = {}) {
  return createChangeQueue({ onDone: () => {}, ...options });
}

describe('a change queue', () => {
  it('gives every change in order to a reader that keeps up', async () => {
    const queue = queueOf();
    const reader = queue[Symbol.asyncIterator]();
    const read: Change[] = [];
    for (const percent of [-1, 0, 1, 50, 100]) {
      queue.push(change(1, percent));
      const { value } = await reader.next();
      read.push(value);
    }
    expect(shown(read)).toEqual(['1:-1', '1:0', '1:1', '1:50', '1:100']);
  });

  it('keeps the first line, the newest percent and the last line for a reader that is slow', async () => {
    const queue = queueOf();
    for (let percent = -1; percent <= 100; percent += 1) queue.push(change(1, percent));
    queue.close();
    expect(shown(await all(queue))).toEqual(['1:-1', '1:99', '1:100']);
  });

  it('keeps the line that says a job failed', async () => {
    const queue = queueOf();
    for (const percent of [-1, 0, 7, -2]) queue.push(change(1, percent));
    queue.close();
    expect(shown(await all(queue))).toEqual(['1:-1', '1:7', '1:-2']);
  });

  it('lets percents of one job give way to its own newer ones alone', async () => {
    const queue = queueOf();
    for (const [id, percent] of [
      [1, -1],
      [2, -1],
      [1, 5],
      [2, 6],
      [1, 7],
    ] as const) {
      queue.push(change(id, percent));
    }
    queue.close();
    expect(shown(await all(queue))).toEqual(['1:-1', '2:-1', '2:6', '1:7']);
  });

  it('lets a repeat give way to a newer one, and to nothing else', async () => {
    const queue = queueOf();
    queue.push(change(1, 5));
    queue.push(change(1, 5, true));
    queue.push(change(1, 5, true));
    queue.push(change(1, 6));
    queue.close();
    expect(shown(await all(queue))).toEqual(['1:5 again', '1:6']);
  });

  it('keeps each state once for a reader that is slow, in the order in which they came last', async () => {
    const queue = queueOf();
    queue.push(state(1, 'fetching'));
    queue.push(change(1, -1));
    for (let turn = 0; turn < 100; turn += 1) {
      for (const name of ['downloading', 'paused'] as const) queue.push(state(1, name, turn));
      queue.push(change(1, turn));
    }
    queue.push(state(2, 'paused'));
    queue.push(state(1, 'failed', 99));
    queue.push(change(1, -2));
    queue.close();
    const all1 = ['1 fetching', '1:-1', '1 downloading', '1 paused', '1:99', '2 paused'];
    expect(shown(await all(queue))).toEqual([...all1, '1 failed', '1:-2']);
  });

  it('wakes a reader that waits', async () => {
    const queue = queueOf();
    const reader = queue[Symbol.asyncIterator]();
    const first = reader.next();
    queue.push(change(1, 3));
    expect(await first).toEqual({ done: false, value: change(1, 3) });
    const second = reader.next();
    queue.close();
    expect(await second).toEqual({ done: true, value: undefined });
  });

  it('gives what waits before it ends, and takes nothing after', async () => {
    const queue = queueOf();
    queue.push(change(1, 3));
    queue.close();
    queue.push(change(1, 100));
    expect(shown(await all(queue))).toEqual(['1:3']);
  });

  it('gives all that waits at once to who asks for it so, a few hundred at most', async () => {
    const queue = queueOf();
    for (let id = 1; id <= 300; id += 1)
      for (const percent of [3, 4]) queue.push(change(id, percent));
    const reader = queue.batches()[Symbol.asyncIterator]();
    const { value: first } = await reader.next();
    queue.push(change(300, 5));
    queue.push(change(1, 5));
    const { value: second } = await reader.next();
    expect(shown(first)).toEqual(Array.from({ length: 256 }, (_, index) => `${index + 1}:4`));
    expect(shown(second).slice(-3)).toEqual(['299:4', '300:5', '1:5']);
    const third = reader.next();
    queue.push(change(2, 100));
    expect(shown((await third).value)).toEqual(['2:100']);
    const end = reader.next();
    queue.close();
    expect(await end).toEqual({ done: true, value: undefined });
  });

  it('ends after the change that is the last', async () => {
    const onDone = vi.fn();
    const queue = queueOf({ onDone, isLast: ({ percent }) => percent === 100 });
    queue.push(change(1, 100));
    queue.push(change(1, 100, true));
    expect(shown(await all(queue))).toEqual(['1:100']);
    expect(onDone).toHaveBeenCalled();
  });

  it('is done when its reader breaks off', async () => {
    const onDone = vi.fn();
    const queue = queueOf({ onDone });
    queue.push(change(1, -1));
    queue.push(change(1, 0));
    for await (const each of queue) {
      expect(each.percent).toBe(-1);
      break;
    }
    expect(onDone).toHaveBeenCalled();
    queue.push(change(1, 50));
    expect(await all(queue)).toEqual([]);
  });

  it('is done at once, what waits forgotten, when its signal aborts', async () => {
    const stop = new AbortController();
    const onDone = vi.fn();
    const queue = queueOf({ onDone, signal: stop.signal });
    queue.push(change(1, 3));
    stop.abort();
    expect(onDone).toHaveBeenCalledOnce();
    expect(await all(queue)).toEqual([]);
  });

  it('is done soon when its signal has aborted before', async () => {
    const onDone = vi.fn();
    const queue = queueOf({ onDone, signal: AbortSignal.abort() });
    queue.push(change(1, 3));
    expect(await all(queue)).toEqual([]);
    expect(onDone).toHaveBeenCalled();
  });

  it('listens to its signal no longer than its reader reads', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const queue = queueOf({ signal });
    queue.close();
    await all(queue);
    expect(removed).toHaveBeenCalledWith('abort', added.mock.calls[0]?.[1]);
  });
});
