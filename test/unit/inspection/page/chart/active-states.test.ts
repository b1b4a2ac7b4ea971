import { expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import type { Chart } from '../../../../../src/inspection/charts/chart.js';
import { activeStates } from '../../../../../src/inspection/page/chart/active-states.js';
import { unplacedChart } from '../../../../support/machines/unplaced-chart.js';

const machine = setup({}).createMachine({
  id: 'walk',
  initial: 'a',
  states: {
    a: { initial: 'b', states: { b: { on: { go: '#walk.p' } } } },
    p: { type: 'parallel', states: { l: { initial: 'x', states: { x: {} } }, r: {} } },
  },
});
const chart: Chart = unplacedChart(machine);
const ids = (value: Parameters<typeof activeStates>[1]) =>
  activeStates(chart, value).map(({ id }) => id);

it('is in the machine, and in every state from there to the innermost', () => {
  const actor = createActor(machine).start();
  expect(ids(actor.getSnapshot().value)).toEqual(['walk', 'walk.a', 'walk.a.b']);
});

it('is in all regions of a parallel state', () => {
  const actor = createActor(machine).start();
  actor.send({ type: 'go' });
  expect(ids(actor.getSnapshot().value)).toEqual([
    ...['walk', 'walk.p', 'walk.p.l', 'walk.p.l.x'],
    'walk.p.r',
  ]);
});

it('is nowhere without a value, and knows no states but the chart’s', () => {
  expect(ids(undefined)).toEqual([]);
  expect(ids({ a: { elsewhere: 'b' } })).toEqual(['walk', 'walk.a']);
});
