// Records that are alike are told as one, and nothing that they say is lost or told out of order.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UnnumberedRecord } from '../../../../src/inspection/observe/causal-order.js';
import { Repeats } from '../../../../src/inspection/observe/repeats.js';
import type { PlainFields } from '../../../../src/inspection/told/records.js';

interface Given {
  readonly actor?: number;
  readonly from?: number;
  readonly event?: string;
  readonly value?: string;
  readonly changed?: PlainFields;
  readonly status?: 'active' | 'done';
}

const taken = (given: Given, nth = 0): UnnumberedRecord => {
  const { actor = 1, from = 2, event = 'piece.verified', value = 'downloading' } = given;
  const { changed = {}, status = 'active' } = given;
  return {
    type: 'transition',
    timeMs: nth,
    actor,
    from,
    event: { type: event, nth },
    taken: [`t|${event}|0`],
    value,
    status,
    changed,
  };
};

describe('repeats', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const begin = () => {
    const told: UnnumberedRecord[] = [];
    const repeats = new Repeats((record) => told.push(record));
    const seen = () =>
      told.map((record) =>
        record.type === 'actor' ? 'actor' : `${record.event.type} ×${record.times ?? 1}`,
      );
    return { told, repeats, seen };
  };

  it('are one record a second after the first few, which says how many they were, and the last of them', () => {
    const { told, repeats, seen } = begin();
    for (let nth = 1; nth <= 100; nth += 1) repeats.add(taken({ changed: { nth } }, nth));
    expect(seen()).toEqual(Array(20).fill('piece.verified ×1'));
    vi.advanceTimersByTime(1_000);
    expect(seen().slice(20)).toEqual(['piece.verified ×80']);
    expect(told.at(-1)).toMatchObject({ event: { nth: 100 }, changed: { nth: 100 }, timeMs: 100 });
  });

  it('are one and one a second from then on, as long as they go on', () => {
    const { repeats, seen } = begin();
    for (let nth = 0; nth < 250; nth += 1) {
      repeats.add(taken({}, nth));
      vi.advanceTimersByTime(40);
    }
    expect(seen().length).toBeLessThanOrEqual(20 + 2 * 10);
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
    repeats.add(taken({}));
    expect(seen().at(-1)).toBe('piece.verified ×1');
  });

  it('are so, too, where they are seven a second for an hour', () => {
    const { repeats, seen } = begin();
    for (let nth = 0; nth < 7 * 3_600; nth += 1) {
      repeats.add(taken({}, nth));
      vi.advanceTimersByTime(1_000 / 7);
    }
    expect(seen().length).toBeLessThanOrEqual(20 + 2 * 3_600);
  });

  it.each([
    ['another event', { event: 'swarm.completed' }],
    ['another state', { value: 'seeding' }],
    ['the end', { status: 'done' as const }],
    ['the next of its sender', { from: 3 }],
  ])('are told before %s of the same actor', (_, other) => {
    const { repeats, seen } = begin();
    for (let nth = 0; nth < 25; nth += 1) repeats.add(taken({}, nth));
    repeats.add(taken({ ...other }));
    expect(seen().slice(20)).toEqual([
      'piece.verified ×5',
      `${'event' in other ? other.event : 'piece.verified'} ×1`,
    ]);
  });

  it('do not wait for what happens to other actors', () => {
    const { repeats, seen } = begin();
    for (let nth = 0; nth < 25; nth += 1) repeats.add(taken({}, nth));
    repeats.add(taken({ actor: 9, event: 'other' }));
    expect(seen().slice(20)).toEqual(['other ×1']);
  });

  it('leave a context as it was, whatever is told together', () => {
    let together = 0;
    const record = fc.record({
      actor: fc.constantFrom(1, 2),
      event: fc.constantFrom('a', 'b'),
      value: fc.oneof(
        { weight: 100, arbitrary: fc.constant('x') },
        { weight: 1, arbitrary: fc.constant('y') },
      ),
      changed: fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.nat()),
    });
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 100, maxLength: 200 }),
        fc.nat(200),
        (given, pauseAt) => {
          const { told, repeats } = begin();
          given.forEach((each, nth) => {
            if (nth === pauseAt) vi.advanceTimersByTime(1_000);
            repeats.add(taken(each, nth));
          });
          vi.advanceTimersByTime(1_000);
          together += given.length - told.length;
          for (const actor of [1, 2]) {
            const fold = (records: readonly UnnumberedRecord[]) => {
              let state = { value: '', events: 0, context: {} };
              for (const each of records) {
                if (each.type !== 'transition' || each.actor !== actor) continue;
                const context = { ...state.context, ...each.changed };
                const events = state.events + (each.times ?? 1);
                state = { value: String(each.value), events, context };
              }
              return state;
            };
            expect(fold(told)).toEqual(fold(given.map((each, nth) => taken(each, nth))));
          }
        },
      ),
      { numRuns: 50 },
    );
    expect(together).toBeGreaterThan(100);
  });
});
