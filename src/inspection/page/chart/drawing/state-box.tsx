// A state, drawn: its box, what is written in it, and its name for those who see it from afar.
import { useMemo } from 'preact/hooks';
import type { Chart, ChartLine, ChartState } from '../../../charts/chart.js';
import { type Marks, markOf, Words } from './words.js';

export interface StateBoxProps {
  readonly chart: Chart;
  readonly state: ChartState;
  readonly isActive: boolean;
  readonly marks: Marks;
}

export function StateBox({ chart, state, isActive, marks }: StateBoxProps) {
  const { id, key, type, description } = state;
  const mark = markOf(
    state.lines.map(({ transition }) => transition),
    marks,
  );
  // Most states are drawn as they were: an event is about a few of them.
  const inside = useMemo(
    () => <Inside chart={chart} state={state} marks={marks} />,
    [chart, state, mark, marks.heatOf],
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset.
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: who goes from state to state hears what each is.
    <g
      class={`state ${type}`}
      data-depth={Math.min(4, id.split('.').length)}
      tabIndex={0}
      role="group"
      aria-label={`${key}${isActive ? ', active' : ''}: ${description || type}`}
      aria-current={isActive ? 'true' : undefined}
      onPointerOver={(event) => {
        event.stopPropagation();
        marks.onPoint(id);
      }}
      onFocus={() => marks.onPoint(id)}
      onBlur={() => marks.onPoint(undefined)}
    >
      {inside}
    </g>
  );
}

interface InsideProps {
  readonly chart: Chart;
  readonly state: ChartState;
  readonly marks: Marks;
}

function Inside({ chart, state, marks }: InsideProps) {
  const { id, type, x, y, width, height, lines } = state;
  const name = lines.find(({ kind }) => kind === 'name');
  const isInitial = chart.states.some(({ initial }) => initial === id);
  return (
    <>
      <rect class="box" {...{ x, y, width, height }} rx={type === 'history' ? width / 2 : 7} />
      {type === 'final' && (
        <rect class="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={5} />
      )}
      {isInitial && (
        <g class="initial">
          <circle cx={x - 8} cy={y + 12} r={2.6} />
          <path d={`M${x - 8} ${y + 12}H${x - 3}`} />
          <path class="head" d={`M${x} ${y + 12}l-4.5 -2.6v5.2z`} />
        </g>
      )}
      {lines.map((line) => (
        <Words key={`${line.x} ${line.y}`} line={line} marks={marks} />
      ))}
      {name && <FarName state={state} name={name} room={roomAbove(chart, state)} />}
    </>
  );
}

/** Above what a state holds; all of it, if it holds nothing. */
function roomAbove(chart: Chart, { id, y, height }: ChartState): number {
  const tops = chart.states.flatMap((state) => (state.parent === id ? [state.y - y] : []));
  return Math.min(height, ...tops);
}

interface FarNameProps {
  readonly state: ChartState;
  readonly name: ChartLine;
  readonly room: number;
}

/** For a chart that is far away: as large as its box allows. */
function FarName({ state, name, room }: FarNameProps) {
  const { x, y, width, height, type } = state;
  const perSize = name.text.length * 0.602;
  if (type === 'compound' || type === 'parallel') {
    const size = Math.min(38, room * 0.82, (width - 16) / perSize);
    return (
      <text class="far" x={x + 10} y={y + size * 0.95} style={{ fontSize: `${size}px` }}>
        {name.text}
      </text>
    );
  }
  const size = Math.min(34, height * 0.72, (width - 8) / perSize);
  return (
    <text
      class="far"
      x={x + width / 2}
      y={y + height / 2 + size * 0.35}
      style={{ fontSize: `${size}px`, textAnchor: 'middle' }}
    >
      {name.text}
    </text>
  );
}
