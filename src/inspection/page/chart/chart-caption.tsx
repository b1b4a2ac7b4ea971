// One line below the chart: what is pointed at, in full; else what the last event did.
import type { Chart, ChartTransition } from '../../charts/chart.js';
import type { LastEvent } from './last-event.js';
import type { ShownHeat } from './use-heat.js';

export interface ChartCaptionProps {
  readonly chart: Chart;
  /** The id of a state or of a transition. */
  readonly pointed: string | undefined;
  readonly last: LastEvent;
  readonly heat: ShownHeat;
}

export function ChartCaption({ chart, pointed, last, heat }: ChartCaptionProps) {
  const { lack, counts } = heat;
  if (lack !== undefined) return <p class="chart-caption">{lack}</p>;
  const state = chart.states.find(({ id }) => id === pointed);
  if (state) {
    return (
      <p class="chart-caption">
        <strong>{state.id}</strong> {state.description}
      </p>
    );
  }
  const transition = chart.transitions.find(({ id }) => id === pointed);
  if (transition) {
    const count = counts?.get(transition.id) ?? 0;
    return (
      <p class="chart-caption">
        <code>{fullText(chart, transition)}</code>
        {counts && <span class="quiet"> {count === 0 ? 'never taken' : `taken ${count}×`}</span>}
      </p>
    );
  }
  const named = (ids: ReadonlySet<string>) => chart.transitions.filter(({ id }) => ids.has(id));
  const [taken, refused] = [named(last.taken), named(last.refused)];
  return (
    <p class="chart-caption">
      <strong>{last.type ?? 'made'}</strong>
      {taken.map((one) => (
        <code key={one.id} class="taken">
          {fullText(chart, one)}
        </code>
      ))}
      {taken.length === 0 && <span class="quiet">took no transition</span>}
      {refused.length > 0 && (
        <code class="refused">refused: {refused.map(({ guard }) => `[${guard}]`).join(' ')}</code>
      )}
    </p>
  );
}

/** `active.joined.joining: swarm.joined [isDownload] → active.joined.checking / sayKnown` */
function fullText(
  { machine }: Chart,
  { source, eventName, guard, targets, actions }: ChartTransition,
): string {
  const short = (id: string) => (id.startsWith(`${machine}.`) ? id.slice(machine.length + 1) : id);
  return [
    `${short(source)}: ${eventName}`,
    ...(guard === undefined ? [] : [`[${guard}]`]),
    ...targets.map((target) => `→ ${short(target)}`),
    ...(actions.length > 0 ? [`/ ${actions.join(', ')}`] : []),
  ].join(' ');
}
