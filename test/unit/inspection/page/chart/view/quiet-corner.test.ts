import { expect, it } from 'vitest';
import { setup } from 'xstate';
import type { Chart, ChartLine } from '../../../../../../src/inspection/charts/chart.js';
import { quietCorner } from '../../../../../../src/inspection/page/chart/view/quiet-corner.js';
import { unplacedChart } from '../../../../../support/machines/unplaced-chart.js';

const pane = { width: 700, height: 500 };
const map = { width: 120, height: 100 };
const line = (x: number, y: number): ChartLine => ({ x, y, width: 60, text: 'go', kind: 'action' });
const chartWith = (...lines: readonly ChartLine[]): Chart => {
  const chart = unplacedChart(setup({}).createMachine({ id: 'm' }));
  return { ...chart, states: chart.states.map((state) => ({ ...state, lines })) };
};

it('is below, on the right, where nothing is written there', () => {
  const view = { x: 0, y: 0, scale: 1 };
  expect(quietCorner(chartWith(line(10, 20)), pane, view, map)).toBe('bottom-right');
});

it('is where the fewest words are, as the chart is seen now', () => {
  const chart = chartWith(line(600, 480), line(620, 460), line(10, 490), line(650, 30));
  expect(quietCorner(chart, pane, { x: 0, y: 0, scale: 1 }, map)).toBe('top-left');
  // Twice as large, the place below is one without words.
  expect(quietCorner(chart, pane, { x: 0, y: 0, scale: 2 }, map)).toBe('bottom-right');
});
