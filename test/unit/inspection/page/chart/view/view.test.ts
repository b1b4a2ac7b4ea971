import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import type { Chart, ChartState } from '../../../../../../src/inspection/charts/chart.js';
import {
  isWhole,
  moved,
  scales,
  viewBoxOf,
  viewOf,
  viewOfActive,
  zoomed,
} from '../../../../../../src/inspection/page/chart/view/view.js';
import { unplacedChart } from '../../../../../support/machines/unplaced-chart.js';

const pane = { width: 700, height: 500 };
const chart: Chart = {
  ...unplacedChart(setup({}).createMachine({ id: 'm' })),
  width: 2000,
  height: 1600,
};
const paper = { x: 0, y: 0, width: chart.width, height: chart.height };

describe('viewOf', () => {
  it('shows all of a chart, in the middle', () => {
    const view = viewOf(paper, pane);
    expect(isWhole(chart, pane, view)).toBe(true);
    expect(view.x + pane.width / view.scale / 2).toBeCloseTo(1000);
    expect(view.y + pane.height / view.scale / 2).toBeCloseTo(800);
  });

  it('makes a small one no larger than is pleasant', () => {
    expect(viewOf({ x: 0, y: 0, width: 100, height: 60 }, pane).scale).toBe(scales.whole);
  });
});

describe('viewOfActive', () => {
  const at = (id: string, box: Pick<ChartState, 'x' | 'y' | 'width' | 'height'>): ChartState => ({
    ...{
      id,
      key: id,
      type: 'atomic',
      description: '',
      entry: [],
      exit: [],
      invokes: [],
      lines: [],
    },
    ...box,
  });
  const root = at('m', paper);
  const outer = at('m.o', { x: 100, y: 1000, width: 800, height: 500 });
  const inner = at('m.o.i', { x: 700, y: 1300, width: 150, height: 60 });

  it('shows as much of what is active as can be read', () => {
    const view = viewOfActive(chart, [root, outer, inner], pane);
    expect(view).toEqual(viewOf(outer, pane));
    expect(view?.scale).toBeGreaterThan(scales.readable);
  });

  it('shows the innermost with what is around it, and nothing beyond the paper', () => {
    const corner = at('m.c', { x: 1800, y: 1500, width: 150, height: 60 });
    const view = viewOfActive(chart, [root, corner], pane);
    expect(view?.scale).toBe(scales.plain);
    expect(view && view.x + pane.width / view.scale).toBeCloseTo(chart.width);
    expect(view && view.y + pane.height / view.scale).toBeCloseTo(chart.height);
  });

  it('shows nothing of a machine that is nowhere', () => {
    expect(viewOfActive(chart, [], pane)).toBeUndefined();
  });
});

it('grows and shrinks around the pointer, between bounds', () => {
  const at = { x: 200, y: 100 };
  const view = { x: 50, y: 70, scale: 0.5 };
  const larger = zoomed(view, 2, at);
  expect(larger.scale).toBe(1);
  expect(larger.x + at.x / larger.scale).toBeCloseTo(view.x + at.x / view.scale);
  expect(larger.y + at.y / larger.scale).toBeCloseTo(view.y + at.y / view.scale);
  expect(zoomed(view, 1000, at).scale).toBe(scales.most);
  expect(zoomed(view, 0.001, at).scale).toBe(scales.least);
});

it('moves by what the pointer has moved, and never out of sight', () => {
  const view = { x: 100, y: 100, scale: 0.5 };
  expect(moved(chart, pane, view, { x: 10, y: -20 })).toEqual({ x: 120, y: 60, scale: 0.5 });
  const far = moved(chart, pane, view, { x: 1e6, y: -1e6 });
  expect(far.x).toBeLessThan(chart.width);
  expect(far.y + pane.height / far.scale).toBeGreaterThan(0);
});

it('is told to SVG in units of the paper', () => {
  expect(viewBoxOf({ x: 10, y: 20, scale: 0.5 }, pane)).toBe('10.00 20.00 1400.00 1000.00');
});
