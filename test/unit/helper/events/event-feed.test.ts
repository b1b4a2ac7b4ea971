import { describe, expect, it } from 'vitest';
import { createEventFeed } from '../../../../src/helper/events/event-feed.js';
import { all } from '../../../support/helper/library-setup.js';

const stopping = { type: 'helper.stopping' } as const;
const restored = (nextId: number) => ({ type: 'helper.restored', jobCount: 0, nextId }) as const;

describe('the feed of events', () => {
  it('makes nothing that nobody reads', () => {
    const feed = createEventFeed();
    feed.forgetBeginning();
    feed.tell(() => {
      throw new Error('it was made');
    });
  });

  it('makes what happened in the beginning for who asks soon, with the time at which it happened', async () => {
    let timeMs = 1;
    const feed = createEventFeed(undefined, () => timeMs);
    feed.tell(() => restored(1));
    timeMs = 2;
    const early = [feed.read(undefined), feed.read(undefined)];
    feed.forgetBeginning();
    const late = feed.read(undefined);
    feed.tell(() => restored(2));
    feed.close();
    feed.tell(() => stopping);
    for (const reader of early) {
      expect(await all(reader)).toEqual([
        { timeMs: 1, ...restored(1) },
        { timeMs: 2, ...restored(2) },
      ]);
    }
    expect(await all(late)).toEqual([{ timeMs: 2, ...restored(2) }]);
    expect(await all(feed.read(undefined))).toEqual([]);
  });

  it('makes each event once, for however many readers', async () => {
    const feed = createEventFeed();
    let made = 0;
    feed.forgetBeginning();
    const readers = [feed.read(undefined), feed.read(undefined)];
    feed.tell(() => {
      made += 1;
      return stopping;
    });
    feed.close();
    for (const reader of readers) expect(await all(reader)).toHaveLength(1);
    expect(made).toBe(1);
  });
});
