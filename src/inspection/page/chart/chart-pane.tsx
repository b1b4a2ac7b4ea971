// The chart of the actor that is looked at.
import type { Chart } from '../../charts/chart.js';
import type { PageStore } from '../store/page-store.js';

export interface ChartPaneProps {
  readonly store: PageStore;
  /** Undefined: nobody is looked at, or the actor is no machine. */
  readonly chart: Chart | undefined;
}

export function ChartPane({ chart }: ChartPaneProps) {
  return <main class="chart">{chart?.description}</main>;
}
