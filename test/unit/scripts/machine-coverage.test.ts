// The coverage of the machines: what is summed up of their steps, and what is complained of.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keptCharts } from '../../../scripts/charts/kept-charts.mjs';
import { complaintsOf } from '../../../scripts/coverage/complaints.mjs';
import { coverageTable, everyTransition } from '../../../scripts/coverage/coverage-table.mjs';
import { sumSteps } from '../../../scripts/coverage/sum-steps.mjs';
import { untaken } from '../../../scripts/coverage/untaken.mjs';
import type { Chart, ChartState, ChartTransition } from '../../../src/inspection/charts/chart.js';
import { refusedTransitions } from '../../../src/inspection/charts/refused-guards.js';

const state = (id: string, parent?: string, type: ChartState['type'] = 'atomic'): ChartState => ({
  ...{ id, parent, type, key: id.split('.').at(-1) ?? id, description: '' },
  ...{ entry: [], exit: [], invokes: [], lines: [], x: 0, y: 0, width: 0, height: 0 },
});

const transition = (id: string, targets: readonly string[], guard?: string): ChartTransition => {
  const [source = '', event = ''] = id.split('|');
  return { id, source, event, eventName: event, guard, actions: [], targets, isReentering: false };
};

const door: Chart = {
  ...{ machine: 'door', description: '', width: 0, height: 0, edges: [] },
  states: [
    state('door', undefined, 'compound'),
    state('door.open', 'door'),
    state('door.shut', 'door', 'compound'),
    state('door.shut.latched', 'door.shut'),
    state('door.shut.locked', 'door.shut'),
  ],
  transitions: [
    transition('door.open|push|0', ['door.shut']),
    transition('door.shut|push|0', ['door.open'], 'isStrong'),
    transition('door.shut.latched|turn|0', ['door.shut.locked'], 'hasKey'),
  ],
};

const pushed = { machine: 'door', before: 'open', event: 'push', taken: ['door.open|push|0'] };
const stuck = {
  machine: 'door',
  before: { shut: 'latched' },
  after: { shut: 'latched' },
  taken: [],
};
const steps = [
  { times: 2, step: { machine: 'door', event: 'xstate.init', taken: [], after: 'open' } },
  { times: 2, step: { ...pushed, after: { shut: 'latched' } } },
  { times: 3, step: { ...stuck, event: 'push' } },
  { times: 1, step: { ...stuck, event: 'turn' } },
  { times: 9, step: { machine: 'ours alone', event: 'x', taken: ['y'], after: 'z' } },
];
const coverage = sumSteps([door], steps, refusedTransitions);
const nothingListed = { states: {}, transitions: {}, refusals: {} };

describe('the coverage of the machines', () => {
  it('counts states as they are entered, transitions as they are taken, and guards as they refuse', () => {
    expect(coverage).toEqual({
      states: {
        ...{ door: 2, 'door.open': 2, 'door.shut': 2 },
        ...{ 'door.shut.latched': 2, 'door.shut.locked': 0 },
      },
      transitions: {
        ...{ 'door.open|push|0': 2, 'door.shut|push|0': 0, 'door.shut.latched|turn|0': 0 },
      },
      guards: {
        'door.shut|push|0': { held: 0, refused: 3 },
        'door.shut.latched|turn|0': { held: 0, refused: 1 },
      },
    });
  });

  it('counts a state that is passed through, and one that is entered again', () => {
    const again = { ...transition('door.open|slam|0', ['door.open']), isReentering: true };
    const through = transition('door.shut.latched||0', ['door.open']);
    const chart = { ...door, transitions: [...door.transitions, again, through] };
    const taken = ['door.open|push|0', 'door.shut.latched||0'];
    const { states } = sumSteps(
      [chart],
      [
        { times: 1, step: { ...pushed, taken, after: 'open' } },
        { times: 4, step: { ...pushed, event: 'slam', taken: [again.id], after: 'open' } },
      ],
      refusedTransitions,
    );
    expect(states).toMatchObject({ 'door.shut.latched': 1, 'door.open': 4, door: 0 });
  });

  it('says that the charts are old where they lack a transition', () => {
    const step = { ...pushed, taken: ['door.open|kick|0'], after: 'open' };
    expect(() => sumSteps([door], [{ times: 1, step }], refusedTransitions)).toThrow(
      'door.open|kick|0 is in no chart',
    );
  });

  it('is complained of where nothing is taken, and no reason stands in the list', () => {
    expect(complaintsOf(coverage, nothingListed)).toEqual([
      'no test enters the state door.shut.locked',
      'no test takes door.shut|push|0',
      'no test takes door.shut.latched|turn|0',
    ]);
  });

  it('is complained of where the list says so of what is taken, or of what there is not', () => {
    const why = 'it needs a key';
    const listed = {
      states: { 'door.shut.locked': why },
      transitions: {
        'door.shut|push|0': why,
        'door.shut.latched|turn|0': why,
        'door.open|push|0': why,
      },
      refusals: { 'door.shut|kick|0': why },
    };
    expect(complaintsOf(coverage, listed)).toEqual([
      'a test takes door.open|push|0, which is listed',
      'door.shut|kick|0 is listed, and there is none',
    ]);
  });

  it('has nothing in its list that the machines do not have', async () => {
    const charts: readonly Chart[] = JSON.parse(
      await keptCharts(join(import.meta.dirname, '../../..')),
    );
    const complaints = complaintsOf(sumSteps(charts, [], refusedTransitions), untaken);
    expect(complaints.filter((each) => each.endsWith('there is none'))).toEqual([]);
  });

  it('is a table a machine, and a line a transition', () => {
    expect(coverageTable([door], coverage)).toBe(
      '      states  transitions  guards held  refused\ndoor     4/5          1/3          0/2      2/2',
    );
    expect(everyTransition([door], coverage).split('\n')).toEqual([
      'taken  refused  transition',
      '    2           door.open|push|0 → door.shut',
      '    0        3  door.shut|push|0 [isStrong] → door.open',
      '    0        1  door.shut.latched|turn|0 [hasKey] → door.shut.locked',
    ]);
  });
});
