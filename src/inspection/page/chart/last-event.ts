// What the last event of an actor did to its chart: the transitions that it took, and those whose guards refused it.
import type { Chart } from '../../charts/chart.js';
import { refusedTransitions } from '../../charts/refused-guards.js';
import type { ActorState } from '../../told/actor-state.js';
import type { Step } from '../store/page-store.js';

export interface LastEvent {
  /** Undefined: it has just been made. */
  readonly type: string | undefined;
  /** Another for each event. */
  readonly key: string;
  readonly taken: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
}

/**
 * @param actor as it is at this position
 * @param position so many of the steps have been taken
 */
export function lastEvent(
  chart: Chart,
  actor: ActorState,
  steps: readonly Step[],
  position: number,
): LastEvent {
  const { event, taken, value, events } = actor;
  const step = stepThatLeft(actor, steps, position);
  // What it was before is not known of the first that is remembered.
  const refused = step
    ? refusedTransitions(chart, step.before?.value, event?.type ?? '', taken, value)
    : [];
  return {
    type: event?.type,
    key: `${actor.actor}:${events}`,
    taken: new Set(taken),
    refused: new Set(refused),
  };
}

function stepThatLeft(
  actor: ActorState,
  steps: readonly Step[],
  position: number,
): Step | undefined {
  for (let index = position - 1; index >= 0; index -= 1) {
    const step = steps[index];
    if (step?.after === actor) return step;
  }
  return undefined;
}
