// The transitions that an event took, and those whose guards it asked in vain.
import type { Chart } from '../../charts/chart.js';
import { refusedTransitions } from '../../charts/refused-guards.js';
import type { Step } from '../store/page-store.js';
import { transitionLine } from './transition-line.js';

export interface StepTransitionsProps {
  readonly step: Step;
  readonly chart: Chart | undefined;
}

export function StepTransitions({ step: { record, before }, chart }: StepTransitionsProps) {
  if (record.value === undefined) return null;
  const event = record.type === 'transition' ? record.event.type : 'xstate.init';
  const refused = chart
    ? refusedTransitions(chart, before?.value, event, record.taken, record.value)
    : [];
  return (
    <section class="transitions" aria-label="transitions">
      {record.taken.length === 0 && record.type === 'transition' && (
        <p class="quiet">no transition: it stays as it is</p>
      )}
      <ol>
        {record.taken.map((id, order) => (
          <Transition key={`${order} ${id}`} id={id} chart={chart} event={event} />
        ))}
        {refused.map((id) => (
          <Transition key={`refused ${id}`} id={id} chart={chart} event={event} isRefused />
        ))}
      </ol>
    </section>
  );
}

interface TransitionProps {
  readonly id: string;
  readonly chart: Chart | undefined;
  /** That led to it. */
  readonly event: string;
  readonly isRefused?: boolean;
}

function Transition({ id, chart, event: cause, isRefused = false }: TransitionProps) {
  const { state, event, guard, targets, actions } = transitionLine(chart, id);
  const isOwn = id.split('|')[1] === cause;
  return (
    <li class={isRefused ? 'refused' : 'taken'} title={id}>
      <span class="mark">{isRefused ? 'refused' : 'taken'}</span>
      <span class="state">{state || 'the machine'}</span>
      {!isOwn && <span class="cause"> {event}</span>}
      {guard !== undefined && <span class="guard"> [{guard}]</span>}
      {targets.length > 0 && <span class="target"> → {targets.join(', ')}</span>}
      {!isRefused && actions.length > 0 && <span class="actions">{actions.join(', ')}</span>}
    </li>
  );
}
