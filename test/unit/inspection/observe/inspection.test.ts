// An inspection remembers the newest of what real actors did, and what they were before that; never more than it may.

import { describe, expect, it } from 'vitest';
import { assign, createActor, fromCallback, setup } from 'xstate';
import {
  createInspection,
  type Inspection,
} from '../../../../src/inspection/observe/inspection.js';
import { type ActorState, actorAfter } from '../../../../src/inspection/told/actor-state.js';
import type { InspectionRecord } from '../../../../src/inspection/told/records.js';
import { inspectorLimits } from '../../../../src/limits.js';

function recordsOf(inspection: Inspection): readonly InspectionRecord[] {
  const json = inspection.read(inspection.firstSeq, Number.POSITIVE_INFINITY);
  return (json ?? []).map((each): InspectionRecord => JSON.parse(each));
}

/** What a page has that was told everything. */
function actorsNow(inspection: Inspection): ReadonlyMap<number, ActorState> {
  const actors = new Map(inspection.actorsBefore().map((each) => [each.actor, each]));
  for (const record of recordsOf(inspection)) {
    const state = actorAfter(actors.get(record.actor), record);
    if (state) actors.set(record.actor, state);
  }
  return actors;
}

const counter = setup({
  types: {
    context: {} as { count: number; text: string },
    events: {} as { type: string; text: string; texts?: readonly string[] },
  },
  actions: {
    add: assign({ count: ({ context }) => context.count + 1, text: ({ event }) => event.text }),
  },
}).createMachine({
  id: 'counter',
  context: { count: 0, text: '' },
  initial: 'even',
  on: { end: { target: '.end' } },
  states: {
    even: { on: { count: { target: 'odd', actions: 'add' } } },
    odd: { on: { count: { target: 'even', actions: 'add' } } },
    end: { type: 'final' },
  },
});

describe('an inspection', () => {
  it('remembers the newest, and the actors as they were before them, which come to the same', () => {
    const inspection = createInspection();
    const options = { inspect: inspection.observer };
    const kept = createActor(counter, { ...options, id: 'kept' }).start();
    const ended = createActor(counter, { ...options, id: 'ended' }).start();
    ended.send({ type: 'end', text: '' });
    const events = 6_000;
    const texts = Array.from({ length: 8 }, () => 'x'.repeat(400));
    for (let nth = 0; nth < events; nth += 1) {
      kept.send({ type: nth % 3 === 0 ? 'passed' : 'count', text: `${nth}`, texts });
    }
    const { firstSeq, nextSeq } = inspection;
    expect(firstSeq).toBeGreaterThan(events / 4);
    const json = inspection.read(firstSeq, Number.POSITIVE_INFINITY) ?? [];
    expect(json.length).toBe(nextSeq - firstSeq);
    const characters = json.reduce((sum, each) => sum + each.length, 0);
    expect(characters).toBeLessThanOrEqual(inspectorLimits.rememberedCharacters);
    expect(characters).toBeGreaterThan(inspectorLimits.rememberedCharacters / 2);
    expect(inspection.read(firstSeq - 1, 1_000)).toBeUndefined();
    expect(inspection.actorsBefore().map(({ id }) => id)).toEqual(['kept']);
    const { value, context } = kept.getSnapshot();
    const now = actorsNow(inspection).get(1);
    expect(now).toMatchObject({ value, context: { count: context.count }, events });
  });

  it('tells a little at a time to whoever reads so, and the rest when asked on', () => {
    const inspection = createInspection();
    const actor = createActor(counter, { inspect: inspection.observer }).start();
    for (let nth = 0; nth < 10; nth += 1) actor.send({ type: 'count', text: 'x' });
    const all = recordsOf(inspection);
    let seq = 1;
    const read: unknown[] = [];
    while (seq < inspection.nextSeq) {
      const some = inspection.read(seq, 500) ?? [];
      expect(some.length).toBeGreaterThan(0);
      read.push(...some.map((each): unknown => JSON.parse(each)));
      seq += some.length;
    }
    expect(read).toEqual(all);
    expect(all.map((record) => record.seq)).toEqual(all.map((_, index) => index + 1));
    expect(inspection.read(inspection.nextSeq, 500)).toEqual([]);
  });

  it('wakes those who listen, until they do no more', () => {
    const inspection = createInspection();
    let heard = 0;
    const forget = inspection.onRecords(() => {
      heard += 1;
    });
    const actor = createActor(counter, { inspect: inspection.observer }).start();
    expect(heard).toBe(1);
    forget();
    actor.send({ type: 'count', text: '' });
    expect(heard).toBe(1);
  });

  it('does not wait for a stop that nobody sees the cause of, and makes one record of a hundred pieces', async () => {
    const inspection = createInspection();
    const actor = createActor(
      fromCallback<{ type: string }>(() => {}),
      { inspect: inspection.observer },
    ).start();
    for (let nth = 0; nth < 100; nth += 1) actor.send({ type: 'piece.verified' });
    actor.stop();
    await Promise.resolve();
    expect(
      recordsOf(inspection).map((record) => (record.type === 'actor' ? 'actor' : record.times)),
    ).toEqual(['actor', ...Array(20).fill(undefined), 80, undefined]);
  });

  it('has no record over its limit, whatever a machine calls its states', () => {
    const inspection = createInspection();
    const name = '\u0001'.repeat(2_000);
    const machine = setup({}).createMachine({
      id: name,
      type: 'parallel',
      context: Object.fromEntries(Array.from({ length: 500 }, (_, nth) => [`${name}${nth}`, name])),
      states: Object.fromEntries(
        Array.from({ length: 100 }, (_, nth) => [
          `${name}${nth}`,
          { initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } },
        ]),
      ),
    });
    createActor(machine, { id: name, inspect: inspection.observer }).start().send({ type: 'go' });
    const json = inspection.read(1, Number.POSITIVE_INFINITY) ?? [];
    expect(json).toHaveLength(2);
    for (const each of json) {
      expect(each.length).toBeLessThanOrEqual(inspectorLimits.recordCharacters);
    }
  });
});
