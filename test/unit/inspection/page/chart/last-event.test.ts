import { expect, it } from 'vitest';
import { setup } from 'xstate';
import { lastEvent } from '../../../../../src/inspection/page/chart/last-event.js';
import { PageStore } from '../../../../../src/inspection/page/store/page-store.js';
import { unplacedChart } from '../../../../support/machines/unplaced-chart.js';

const chart = unplacedChart(
  setup({ guards: { never: () => false } }).createMachine({
    id: 'walk',
    initial: 'a',
    states: { a: { on: { go: [{ guard: 'never', target: 'c' }, { target: 'b' }] } }, b: {}, c: {} },
  }),
);
const store = new PageStore();
store.receive({
  type: 'records',
  records: [
    {
      ...{ type: 'actor', seq: 1, timeMs: 0, actor: 1, id: 'w', src: 'walk', machine: 'walk' },
      ...{ taken: [], value: 'a', status: 'active', context: {} },
    },
    {
      ...{ type: 'transition', seq: 2, timeMs: 1, actor: 1, event: { type: 'go' } },
      ...{ taken: ['walk.a|go|1'], value: 'b', status: 'active', changed: {} },
    },
  ],
});
const lastNow = () => {
  const actor = store.actors.get(1);
  return actor && lastEvent(chart, actor, store.steps, store.position);
};

it('tells what an event took, and what refused it', () => {
  expect(lastNow()).toMatchObject({
    type: 'go',
    taken: new Set(['walk.a|go|1']),
    refused: new Set(['walk.a|go|0']),
  });
});

it('is another one for each event, and the same when one comes back to it', () => {
  const after = lastNow();
  store.seek(1);
  const before = lastNow();
  expect(before).toMatchObject({ type: undefined, taken: new Set(), refused: new Set() });
  expect(before?.key).not.toBe(after?.key);
  store.seek(2);
  expect(lastNow()).toEqual(after);
});
