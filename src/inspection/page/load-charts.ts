// The charts that the package was built with, by the id of their machine. Without them the page is poorer, and still one.
import type { Chart } from '../charts/chart.js';

export interface LoadedCharts {
  readonly byMachine: ReadonlyMap<string, Chart>;
  /** Why there are none. */
  readonly error?: string | undefined;
}

export async function loadCharts(): Promise<LoadedCharts> {
  try {
    const response = await fetch('charts.json');
    if (!response.ok) throw new Error(`charts.json was answered with status ${response.status}`);
    const charts: readonly Chart[] = await response.json();
    if (charts.length === 0) throw new Error('charts.json is empty');
    return { byMachine: new Map(charts.map((chart) => [chart.machine, chart])) };
  } catch (error) {
    return { byMachine: new Map(), error: error instanceof Error ? error.message : String(error) };
  }
}
