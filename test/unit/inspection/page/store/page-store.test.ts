// The page's store: it goes to any place, holds so much and no more, and survives a connection that breaks.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageStore } from '../../../../../src/inspection/page/store/page-store.js';
import { type ActorState, actorAfter } from '../../../../../src/inspection/told/actor-state.js';
import type { InspectionRecord } from '../../../../../src/inspection/told/records.js';
import { began, made, records, took } from './told.js';

/** As somebody reads it who has time. */
function folded(all: readonly InspectionRecord[]): Map<number, ActorState> {
  const actors = new Map<number, ActorState>();
  for (const record of all) {
    const after = actorAfter(actors.get(record.actor), record);
    if (after) actors.set(record.actor, after);
  }
  return actors;
}

const anyRecords = fc
  .array(
    fc.record({
      actor: fc.integer({ min: 1, max: 5 }),
      isMade: fc.boolean(),
      value: fc.constantFrom('on', 'off'),
      status: fc.constantFrom('active' as const, 'done' as const),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ isMade, actor, value, status }, index) => {
      const more = { value, status, timeMs: index };
      return isMade ? made(index + 1, actor, more) : took(index + 1, actor, more);
    }),
  );

const live = (...all: readonly InspectionRecord[]) => {
  const store = new PageStore();
  store.receive(began());
  store.receive(records(...all));
  store.receive({ type: 'caughtUp' });
  return store;
};

describe('the store of the page', () => {
  it('has the actors as they were at any place that is sought', () => {
    fc.assert(
      fc.property(anyRecords, fc.array(fc.nat(45), { maxLength: 8 }), (all, places) => {
        const store = new PageStore();
        store.receive(began());
        all.forEach((record, index) => {
          store.receive(records(record));
          const place = places[index];
          if (place !== undefined) store.seek(place);
        });
        for (const place of [...places, 0, all.length]) {
          store.seek(place);
          expect(store.position).toBe(Math.min(place, all.length));
          expect(new Map(store.actors)).toEqual(folded(all.slice(0, place)));
        }
        expect(all.every(({ actor }) => store.newest(actor) === store.actors.get(actor))).toBe(
          true,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('knows whose child each is, in the order in which they were made, forth and back', () => {
    const store = live(
      made(1, 1),
      made(2, 2, { parent: 1 }),
      made(3, 3, { parent: 1 }),
      made(4, 4, { parent: 3 }),
      made(5, 5, { parent: 99 }),
    );
    const children = (of: number | undefined) => [...store.family.childrenOf(of)];
    expect([children(undefined), children(1), children(3)]).toEqual([[1, 5], [2, 3], [4]]);
    expect(store.family.lineOf(4).map(({ actor }) => actor)).toEqual([1, 3, 4]);
    store.seek(2);
    expect([children(undefined), children(1), children(3)]).toEqual([[1], [2], []]);
    store.seek(5);
    expect([children(undefined), children(1), children(3)]).toEqual([[1, 5], [2, 3], [4]]);
  });

  it('forgets the oldest steps, and who ended in them, also while the place is long ago', () => {
    const store = new PageStore({ steps: 100, characters: Number.POSITIVE_INFINITY });
    store.receive(began());
    store.receive(records(made(1, 1), made(2, 2), took(3, 2, { status: 'done' })));
    store.seek(1);
    for (let seq = 4; seq <= 1_000; seq += 1) store.receive(records(took(seq, 1)));
    expect(store.steps.length).toBeLessThanOrEqual(100);
    expect(store.position).toBe(0);
    expect(store.isFollowing).toBe(false);
    expect(store.lostRecords).toBe(1_000 - store.steps.length);
    expect(store.steps[0]?.record.seq).toBe(store.lostRecords + 1);
    expect([...store.actors.keys()]).toEqual([1]);
    expect(store.actors.get(1)?.event?.type).toBe(`event-${store.lostRecords}`);
    expect(store.newest(1)?.event?.type).toBe('event-1000');
  });

  it('holds no more than so many characters of what it was sent', () => {
    const store = new PageStore({ steps: 1_000, characters: 1_000 });
    store.receive(began());
    store.receive(records(made(1, 1)), 500);
    for (let seq = 2; seq <= 50; seq += 1) store.receive(records(took(seq, 1)), 10);
    expect(store.steps.length).toBe(50);
    store.receive(records(took(51, 1), took(52, 1)), 900);
    // The oldest go some at once: 900 are of the last two, so that there is room for ten of the others.
    const seqs = store.steps.map(({ record }) => record.seq);
    expect(seqs.at(-1)).toBe(52);
    expect(seqs.length - 2).toBeGreaterThan(0);
    expect(seqs.length - 2).toBeLessThanOrEqual(10);
  });

  it('goes on where it was when the same helper is heard again', () => {
    const store = live(made(1, 1), took(2, 1), took(3, 1));
    store.select(1);
    store.seek(2);
    store.lose();
    expect(store.connection).toBe('lost');
    store.receive(began());
    store.receive({ type: 'actors', actors: [] });
    store.receive(records(made(1, 1), took(2, 1), took(3, 1), took(4, 1)));
    store.receive({ type: 'caughtUp' });
    expect(store.connection).toBe('open');
    expect(store.steps.map(({ record }) => record.seq)).toEqual([1, 2, 3, 4]);
    expect([store.position, store.isFollowing, store.selected]).toEqual([2, false, 1]);
  });

  it('begins anew when there is a gap, or another helper, and finds whom it looked at by name', () => {
    const job = { id: 'job-7', machine: 'torrent' };
    const store = live(
      made(1, 1, { id: 'jobs' }),
      made(2, 2, { ...job, id: 'job-1', parent: 1 }),
      made(3, 3, { ...job, parent: 1 }),
    );
    store.select(3);
    store.seek(1);
    store.lose();
    store.receive(began(2, 50));
    expect([store.steps.length, store.actors.size, store.isFollowing]).toEqual([0, 0, true]);
    store.receive(
      records(
        made(51, 21, { id: 'jobs' }),
        made(52, 22, { ...job, id: 'job-1', parent: 21 }),
        made(53, 23, { ...job, parent: 21 }),
      ),
    );
    store.receive({ type: 'caughtUp' });
    expect([store.position, store.lostRecords, store.selected]).toEqual([3, 50, 23]);
  });

  it('looks at the supervisor till there is a job, at the first job, and then at whom it is told to', () => {
    const store = live(made(1, 1, { id: 'engine' }), made(2, 2, { id: 'supervisor' }));
    expect(store.selected).toBe(2);
    store.receive(records(made(3, 3, { machine: 'torrent' }), made(4, 4, { machine: 'torrent' })));
    expect(store.selected).toBe(3);
    store.select(1);
    store.receive(records(made(5, 5, { machine: 'torrent' })));
    expect(store.selected).toBe(1);
  });

  it('tells why it ended, and that is not taken for a broken connection', () => {
    const store = live(made(1, 1));
    store.receive({ type: 'ended', reason: 'the helper stopped' });
    store.lose();
    expect([store.connection, store.reason]).toEqual(['ended', 'the helper stopped']);
    expect(store.isOver).toBe(true);
  });
});
