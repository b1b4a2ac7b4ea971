// A transition in a line's words: of which state, whether its guard held, where to, and what was done on the way.
import type { Chart } from '../../charts/chart.js';

export interface TransitionLine {
  readonly id: string;
  /** Within the machine: `active.joined`; empty for the machine itself. */
  readonly state: string;
  /** As a reader has it. */
  readonly event: string;
  readonly guard?: string | undefined;
  /** Within the machine; none: it stays. */
  readonly targets: readonly string[];
  readonly actions: readonly string[];
}

/** Of a chart that does not have it, as much as its id says. */
export function transitionLine(chart: Chart | undefined, id: string): TransitionLine {
  const found = chart?.transitions.find((transition) => transition.id === id);
  const within = (state: string) => state.split('.').slice(1).join('.');
  if (found) {
    const { source, eventName, guard, targets, actions } = found;
    const state = within(source);
    return { id, state, event: eventName, guard, targets: targets.map(within), actions };
  }
  const [source = '', event = ''] = id.split('|');
  return { id, state: within(source), event: event || 'at once', targets: [], actions: [] };
}
