// Which heat a chart shows: none, this run's, or that of the tests.
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Chart } from '../../charts/chart.js';
import type { PageStore } from '../store/page-store.js';
import { type Counts, heatLevel, RunHeat } from './heat.js';

export type HeatSource = 'off' | 'run' | 'tests';

export interface ShownHeat {
  /** Undefined: no heat is shown. */
  readonly counts: Counts | undefined;
  /** From the id of a transition. */
  readonly heatOf: ((transition: string) => number) | undefined;
  /** Why there is none, though it is chosen. */
  readonly lack: string | undefined;
}

/** Of the value of a select. */
export function heatSource(value: string): HeatSource {
  return value === 'run' || value === 'tests' ? value : 'off';
}

export function useHeat(store: PageStore, chart: Chart, source: HeatSource): ShownHeat {
  const [tests, setTests] = useState<Counts | 'none'>();
  useEffect(() => {
    if (source !== 'tests' || tests) return;
    const none = () => setTests('none');
    coverageOfTests().then((counts) => setTests(counts ?? 'none'), none);
  }, [source, tests]);
  const run = useMemo(() => new RunHeat(chart.machine), [chart]);
  // While it is not shown, nothing is counted.
  const counts =
    source === 'run'
      ? run.of(store.steps)
      : source === 'tests' && tests !== 'none'
        ? tests
        : undefined;
  const sum = counts && chart.transitions.reduce((all, { id }) => all + (counts.get(id) ?? 0), 0);
  const heatOf = useMemo(() => {
    if (!counts) return undefined;
    const most = Math.max(0, ...chart.transitions.map(({ id }) => counts.get(id) ?? 0));
    return (transition: string) => heatLevel(counts.get(transition) ?? 0, most);
    // The counts of a run are counted on: they are others when their sum is.
  }, [counts, sum, chart]);
  return {
    counts,
    heatOf,
    lack:
      source === 'tests' && tests === 'none'
        ? 'This build has no coverage of its tests: `npm run coverage:machines` makes it.'
        : undefined,
  };
}

/** Undefined: the package was built without. */
async function coverageOfTests(): Promise<Counts | undefined> {
  const response = await fetch('coverage.json');
  if (!response.ok) return undefined;
  const coverage: { readonly transitions: Readonly<Record<string, number>> } =
    await response.json();
  return new Map(Object.entries(coverage.transitions));
}
