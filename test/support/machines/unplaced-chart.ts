// A machine's chart without the places of anything on it: what it declares is made in no time, and where that lies does not matter here.
import type { AnyStateMachine } from 'xstate';
import { declaredIn } from '../../../scripts/charts/declared.mjs';
import type { Chart } from '../../../src/inspection/charts/chart.js';

export function unplacedChart(machine: AnyStateMachine): Chart {
  const { states, ...declared } = declaredIn(machine);
  const nowhere = { x: 0, y: 0, width: 0, height: 0 };
  return {
    ...declared,
    ...{ width: 0, height: 0, edges: [] },
    states: states.map((state) => ({ ...state, ...nowhere, lines: [] })),
  };
}
