// The charts that the package was built with, by the id of their machine.
import type { Chart } from '../charts/chart.js';

export async function loadCharts(): Promise<ReadonlyMap<string, Chart>> {
  const response = await fetch('charts.json');
  const charts: readonly Chart[] = await response.json();
  return new Map(charts.map((chart) => [chart.machine, chart]));
}
