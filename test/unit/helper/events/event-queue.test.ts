import { describe, expect, it } from 'vitest';
import { createEventQueue } from '../../../../src/helper/events/event-queue.js';
import { all } from '../../../support/helper/library-setup.js';

function queue(maxWaiting?: number, signal?: AbortSignal) {
  let isDone = false;
  const made = createEventQueue<number>({
    signal,
    onDone: () => {
      isDone = true;
    },
    ...(maxWaiting !== undefined && { maxWaiting }),
  });
  return { ...made, [Symbol.asyncIterator]: made[Symbol.asyncIterator], isDone: () => isDone };
}

describe('a queue of events', () => {
  it('gives all of them, in order, whether they come before they are read or meanwhile', async () => {
    const events = queue();
    for (const each of [1, 2, 3]) events.push(each);
    const read: number[] = [];
    for await (const each of events) {
      read.push(each);
      if (each === 2) events.push(4);
      if (each === 4) setImmediate(() => events.push(5));
      if (each === 5) events.close();
    }
    expect(read).toEqual([1, 2, 3, 4, 5]);
    expect(events.isDone()).toBe(true);
  });

  it('gives what waits when it is closed, and nothing that comes after', async () => {
    const events = queue();
    events.push(1);
    events.close();
    events.push(2);
    expect(await all(events)).toEqual([1]);
  });

  it('ends at once when its signal aborts, though there is more', async () => {
    const stop = new AbortController();
    const events = queue(undefined, stop.signal);
    for (const each of [1, 2, 3]) events.push(each);
    const read: number[] = [];
    for await (const each of events) {
      read.push(each);
      stop.abort();
    }
    expect(read).toEqual([1]);
    expect(events.isDone()).toBe(true);
  });

  it('gives nothing where its signal has aborted before', async () => {
    const events = queue(undefined, AbortSignal.abort());
    events.push(1);
    expect(await all(events)).toEqual([]);
  });

  it('tells a reader that lets too many wait, keeps none of them, and hears no more', async () => {
    const events = queue(2);
    for (const each of [1, 2]) events.push(each);
    expect(events.isDone()).toBe(false);
    events.push(3);
    expect(events.isDone()).toBe(true);
    events.push(4);
    await expect(all(events)).rejects.toMatchObject({ code: 'EVENTS_LOST' });
  });

  it('tells one that stopped in the middle, too', async () => {
    const events = queue(2);
    events.push(1);
    events.push(2);
    const read: number[] = [];
    const reading = async () => {
      for await (const each of events) {
        read.push(each);
        for (const more of [3, 4, 5]) events.push(more);
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'EVENTS_LOST' });
    expect(read).toEqual([1]);
  });
});
