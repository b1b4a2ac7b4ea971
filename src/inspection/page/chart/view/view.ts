// What of a chart is seen, and how large: arithmetic of paper and pane.
import type { Box, Chart, ChartState, Point } from '../../../charts/chart.js';

/** The top left corner of the pane, on the paper; and how many px a unit of the paper takes. */
export interface View extends Point {
  readonly scale: number;
}

/** Of the pane, in px. */
export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

export const scales = { least: 0.1, most: 4, readable: 0.7, plain: 0.95, whole: 1.4 };
/** Below it words cannot be read, and the names of states are drawn as large as their boxes allow. */
export const farScale = 0.55;
/** In px, around what is looked at. */
const margin = 14;

/** All of a box, in the middle, as large as it may be. */
export function viewOf(box: Box, pane: PaneSize, most = scales.whole): View {
  const scale = Math.max(scales.least, Math.min(most, fitting(box, pane)));
  return centred(box, pane, scale);
}

/** What is active, with as much around it as can still be read. */
export function viewOfActive(
  chart: Chart,
  active: readonly ChartState[],
  pane: PaneSize,
): View | undefined {
  const innermost = active.at(-1);
  if (!innermost) return undefined;
  const outermost = active.find((state) => fitting(state, pane) >= scales.readable);
  if (outermost && outermost !== innermost) return viewOf(outermost, pane);
  const scale = Math.min(scales.plain, fitting(innermost, pane));
  return within(chart, pane, centred(innermost, pane, scale));
}

/** Larger or smaller, and what is at this place of the pane stays there. */
export function zoomed(view: View, factor: number, at: Point): View {
  const scale = Math.max(scales.least, Math.min(scales.most, view.scale * factor));
  return {
    scale,
    x: view.x + at.x / view.scale - at.x / scale,
    y: view.y + at.y / view.scale - at.y / scale,
  };
}

/** Moved by so many px; some of the paper stays in sight. */
export function moved(chart: Chart, pane: PaneSize, view: View, by: Point): View {
  const most = { width: pane.width / view.scale / 2, height: pane.height / view.scale / 2 };
  const between = (value: number, least: number, greatest: number) =>
    Math.max(least, Math.min(greatest, value));
  return {
    scale: view.scale,
    x: between(view.x + by.x / view.scale, -most.width, chart.width - most.width),
    y: between(view.y + by.y / view.scale, -most.height, chart.height - most.height),
  };
}

/** Part of the way from one to another; 1 is all of it. */
export function between(from: View, to: View, part: number): View {
  const mix = (a: number, b: number) => a + (b - a) * part;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), scale: mix(from.scale, to.scale) };
}

/** As SVG has it. */
export function viewBoxOf({ x, y, scale }: View, { width, height }: PaneSize): string {
  return [x, y, width / scale, height / scale].map((value) => value.toFixed(2)).join(' ');
}

/** Whether all of the chart is in sight. */
export function isWhole(chart: Chart, pane: PaneSize, { x, y, scale }: View): boolean {
  const slack = 1 / scale;
  return (
    x <= slack &&
    y <= slack &&
    x + pane.width / scale >= chart.width - slack &&
    y + pane.height / scale >= chart.height - slack
  );
}

function fitting(box: PaneSize, pane: PaneSize): number {
  return Math.min((pane.width - 2 * margin) / box.width, (pane.height - 2 * margin) / box.height);
}

function centred(box: Box, pane: PaneSize, scale: number): View {
  return {
    scale,
    x: box.x + box.width / 2 - pane.width / scale / 2,
    y: box.y + box.height / 2 - pane.height / scale / 2,
  };
}

/** Moved so that nothing beyond the paper takes the place of what is on it. */
function within(chart: Chart, pane: PaneSize, view: View): View {
  const inside = (value: number, paper: number, seen: number) =>
    seen >= paper ? (paper - seen) / 2 : Math.max(0, Math.min(paper - seen, value));
  return {
    scale: view.scale,
    x: inside(view.x, chart.width, pane.width / view.scale),
    y: inside(view.y, chart.height, pane.height / view.scale),
  };
}
