// A chart, drawn: what of it is active, what the last event took and what refused it, or how often each way was taken.
import type { Chart, ChartEdge, ChartLine, ChartState } from '../../../charts/chart.js';
import { arrowHead, arrowPath } from './arrow-path.js';

export interface ChartDrawingProps {
  readonly chart: Chart;
  /** Ids of states. */
  readonly active: ReadonlySet<string>;
  /** Ids of transitions. */
  readonly taken: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  /** Another for each event: what it took is lit anew. */
  readonly eventKey: string;
  /** From the id of a transition to how warm it is, from 0 on; undefined: no heat is shown. */
  readonly heatOf?: ((transition: string) => number) | undefined;
  /** A state or a transition is pointed at, by its id; undefined: nothing is. */
  readonly onPoint: (id: string | undefined) => void;
}

export function ChartDrawing(props: ChartDrawingProps) {
  const { chart } = props;
  const initials = new Set(chart.states.map(({ initial }) => initial));
  return (
    <g>
      {chart.states.map((state) => (
        <StateBox key={state.id} state={state} isInitial={initials.has(state.id)} {...props} />
      ))}
      {chart.edges.map((edge) => (
        <Arrow key={edge.id} edge={edge} {...props} />
      ))}
    </g>
  );
}

function StateBox({
  state,
  isInitial,
  ...props
}: ChartDrawingProps & { readonly state: ChartState; readonly isInitial: boolean }) {
  const { id, key, type, x, y, width, height, description, lines } = state;
  const isActive = props.active.has(id);
  const radius = type === 'history' ? width / 2 : 7;
  const name = lines.find(({ kind }) => kind === 'name');
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
      onPointerEnter={() => props.onPoint(id)}
      onFocus={() => props.onPoint(id)}
      onBlur={() => props.onPoint(undefined)}
    >
      <rect class="box" x={x} y={y} width={width} height={height} rx={radius} />
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
        <Words key={`${line.x} ${line.y}`} line={line} {...props} />
      ))}
      {name && <FarName state={state} name={name} />}
    </g>
  );
}

/** For a chart that is far away: as large as its box allows. */
function FarName({ state, name }: { readonly state: ChartState; readonly name: ChartLine }) {
  const { x, y, width, height, type } = state;
  const perSize = name.text.length * 0.602;
  if (type === 'compound' || type === 'parallel') {
    // No larger than the band that is kept free for it.
    const size = Math.min(27, (width - 16) / perSize);
    return (
      <text class="far" x={x + 8} y={y + 25} style={{ fontSize: `${size}px` }}>
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

function Arrow({ edge, ...props }: ChartDrawingProps & { readonly edge: ChartEdge }) {
  const isTaken = edge.transitions.some((id) => props.taken.has(id));
  const { heatOf } = props;
  const heat = heatOf && Math.max(...edge.transitions.map(heatOf));
  return (
    <g class={`edge${isTaken ? ' taken' : ''}`} data-heat={heat}>
      <g key={isTaken ? props.eventKey : ''} class="arrow">
        <path class="way" d={arrowPath(edge.points)} />
        <path class="head" d={arrowHead(edge.points)} />
      </g>
      {edge.lines.map((line) => (
        <Words key={line.transition} line={line} {...props} />
      ))}
    </g>
  );
}

function Words({ line, ...props }: ChartDrawingProps & { readonly line: ChartLine }) {
  const { x, y, width, text, kind, transition } = line;
  const words = (
    <text class={kind} x={x} y={y} textLength={width} lengthAdjust="spacingAndGlyphs">
      {text}
    </text>
  );
  if (transition === undefined) return words;
  const isTaken = props.taken.has(transition);
  const isRefused = !isTaken && props.refused.has(transition);
  return (
    <g
      key={isTaken || isRefused ? props.eventKey : ''}
      class={`words${isTaken ? ' taken' : ''}${isRefused ? ' refused' : ''}`}
      data-heat={props.heatOf?.(transition)}
      onPointerEnter={() => props.onPoint(transition)}
    >
      <rect class="ground" x={x - 3} y={y - 10} width={width + 6} height={13} rx={3} />
      {words}
    </g>
  );
}
