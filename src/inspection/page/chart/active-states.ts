// Which states of a chart a machine is in.
import type { Chart, ChartState } from '../../charts/chart.js';
import type { StateTree } from '../../told/records.js';

/**
 * @returns from the machine itself to the innermost, parents before their children; none without a value. What the chart does not
 *   know, of another version perhaps, is left out.
 */
export function activeStates(chart: Chart, value: StateTree | undefined): readonly ChartState[] {
  const [root] = chart.states;
  if (root === undefined || value === undefined) return [];
  const childrenIn = (tree: StateTree, parent: string): readonly ChartState[] =>
    (typeof tree === 'string' ? [[tree, undefined] as const] : Object.entries(tree)).flatMap(
      ([key, below]) => {
        const child = chart.states.find((state) => state.parent === parent && state.key === key);
        if (!child) return [];
        return [child, ...(below === undefined ? [] : childrenIn(below, child.id))];
      },
    );
  return [root, ...childrenIn(value, root.id)];
}
