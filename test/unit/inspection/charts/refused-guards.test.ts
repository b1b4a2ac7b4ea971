import { array, assert, constantFrom, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, raise, setup } from 'xstate';
import { refusedTransitions } from '../../../../src/inspection/charts/refused-guards.js';
import { transitionId } from '../../../../src/inspection/charts/transition-id.js';
import { unplacedChart } from '../../../support/machines/unplaced-chart.js';

const guardNames = [
  ...['outer', 'first', 'second', 'inner', 'middle', 'wild', 'wilder', 'over'],
  ...['left', 'right', 'shared', 'atOnce', 'always', 'raised'],
] as const;
const eventNames = ['go', 'go.on', 'go.on.far', 'turn', 'back', 'unknown'] as const;

/** Which guards hold now, and which have been asked in vain. */
const holding = new Set<string>();
const refused = new Set<string>();
const guard = (name: string) => () => {
  if (!holding.has(name)) refused.add(name);
  return holding.has(name);
};
const machine = setup({
  guards: Object.fromEntries(guardNames.map((name) => [name, guard(name)])),
}).createMachine({
  id: 'walk',
  initial: 'a',
  on: {
    'go.on.far': { guard: 'outer', target: '.a' },
    back: { target: '.a' },
    '*': { guard: 'over', target: '.end' },
  },
  states: {
    a: {
      initial: 'b',
      on: {
        go: [
          { guard: 'first', target: 'p' },
          { guard: 'second', actions: raise({ type: 'turned' }) },
        ],
        'go.*': { guard: 'wild', target: 'p' },
        'go.on.*': { guard: 'wilder', target: 'p' },
      },
      states: {
        b: {
          on: {
            go: { guard: 'inner', target: 'c' },
            turn: { target: 'c' },
            turned: { target: 'c' },
          },
        },
        c: {
          on: {
            'go.on': { guard: 'middle', target: 'b' },
            turned: [{ guard: 'raised', target: 'b' }, { actions: [] }],
          },
        },
      },
    },
    p: {
      type: 'parallel',
      on: { go: { guard: 'shared', target: 'q' } },
      states: {
        l: { initial: 'x', states: { x: { on: { go: { guard: 'left', target: 'y' } } }, y: {} } },
        r: {
          initial: 'x',
          states: { x: { on: { go: { guard: 'right', target: 'y' } } }, y: {} },
        },
      },
      always: { guard: 'always', target: 'q' },
    },
    q: { always: [{ guard: 'atOnce', target: 'end' }, { target: 'a' }] },
    end: { type: 'final' },
  },
});
const chart = unplacedChart(machine);

/** A machine whose guards tell what they answer. */
function observed(...holdingNow: readonly string[]) {
  const hold = (names: readonly string[]) => {
    holding.clear();
    for (const name of names) holding.add(name);
  };
  hold(holdingNow);
  const taken: string[] = [];
  const actor = createActor(machine, {
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return;
      for (const transition of event._transitions) {
        const id = transitionId(transition);
        if (id !== undefined) taken.push(id);
      }
    },
  }).start();
  return {
    actor,
    hold,
    /** What was refused of this event, truly and by the chart. */
    send: (type: string) => {
      refused.clear();
      taken.length = 0;
      const before = actor.getSnapshot().value;
      actor.send({ type });
      const after = actor.getSnapshot().value;
      const ids = refusedTransitions(chart, before, type, taken, after);
      const guards = ids.map((id) => chart.transitions.find((one) => one.id === id)?.guard ?? id);
      return { asked: [...refused].sort(), told: guards.sort(), ids };
    },
  };
}

describe('refusedTransitions', () => {
  it('tells the guards that XState asked in vain, whatever comes', () => {
    const step = record({
      event: constantFrom(...eventNames),
      holds: uniqueArray(constantFrom(...guardNames)),
    });
    assert(
      property(array(step, { maxLength: 12 }), (steps) => {
        const { actor, hold, send } = observed();
        for (const { event, holds: now } of steps) {
          if (actor.getSnapshot().status !== 'active') return;
          hold(now);
          const { asked, told } = send(event);
          expect(told).toEqual(asked);
        }
      }),
    );
  });

  it('tells them in the order in which they were asked, from within outwards', () => {
    const { send } = observed('second', 'raised');
    expect(send('go').ids).toEqual(['walk.a.b|go|0', 'walk.a|go|0']);
  });

  it('knows those of the states that it passed through, by what was taken there', () => {
    const { send } = observed('first', 'always');
    expect(send('go').ids).toEqual(['walk.a.b|go|0', 'walk.q||0']);
  });

  it('asks nothing of a machine that begins but what it takes at once', () => {
    const chart = unplacedChart(
      setup({ guards: { never: () => false } }).createMachine({
        id: 'new',
        initial: 'a',
        states: {
          a: { on: { 'xstate.init': { guard: 'never' } }, always: { guard: 'never', target: 'b' } },
          b: {},
        },
      }),
    );
    expect(refusedTransitions(chart, undefined, 'xstate.init', [], 'a')).toEqual(['new.a||0']);
    expect(refusedTransitions(chart, 'a', 'xstate.stop', [], 'a')).toEqual([]);
  });

  it('asks nothing more once an error that nobody took has ended the machine', () => {
    const chart = unplacedChart(
      setup({ guards: { never: () => false } }).createMachine({
        id: 'ended',
        on: { 'xstate.error.actor.*': { guard: 'never' } },
        always: { guard: 'never', actions: [] },
      }),
    );
    const error = 'xstate.error.actor.worker';
    expect(refusedTransitions(chart, {}, error, [], {})).toEqual([`ended|xstate.error.actor.*|0`]);
    expect(refusedTransitions(chart, {}, 'other', [], {})).toEqual(['ended||0']);
  });

  it('is nothing where a chart knows nothing of the states, of another version perhaps', () => {
    const chart = unplacedChart(setup({}).createMachine({ id: 'empty' }));
    expect(refusedTransitions(chart, { far: 'away' }, 'go', ['far|go|0'], 'gone')).toEqual([]);
  });
});
