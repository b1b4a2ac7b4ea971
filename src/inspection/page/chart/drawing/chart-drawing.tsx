// A chart, drawn: what of it is active, what the last event took and what refused it, or how often each way was taken.
import { useMemo } from 'preact/hooks';
import type { Chart, ChartEdge } from '../../../charts/chart.js';
import { arrowHead, arrowPath } from './arrow-path.js';
import { StateBox } from './state-box.js';
import { type Marks, markOf, Words } from './words.js';

export interface ChartDrawingProps {
  readonly chart: Chart;
  /** Ids of states. */
  readonly active: ReadonlySet<string>;
  readonly marks: Marks;
}

export function ChartDrawing({ chart, active, marks }: ChartDrawingProps) {
  return (
    <g>
      {chart.states.map((state) => (
        <StateBox
          key={state.id}
          chart={chart}
          state={state}
          isActive={active.has(state.id)}
          marks={marks}
        />
      ))}
      {chart.edges.map((edge) => (
        <Arrow key={edge.id} edge={edge} marks={marks} />
      ))}
    </g>
  );
}

function Arrow({ edge, marks }: { readonly edge: ChartEdge; readonly marks: Marks }) {
  const mark = markOf(edge.transitions, marks);
  return useMemo(() => {
    const isTaken = edge.transitions.some((id) => marks.taken.has(id));
    const heat = marks.heatOf && Math.max(...edge.transitions.map(marks.heatOf));
    return (
      <g class={`edge${isTaken ? ' taken' : ''}`} data-heat={heat}>
        <g key={isTaken ? marks.eventKey : ''}>
          <path class="way" d={arrowPath(edge.points)} />
          <path class="head" d={arrowHead(edge.points)} />
        </g>
        {edge.lines.map((line) => (
          <Words key={line.transition} line={line} marks={marks} />
        ))}
      </g>
    );
  }, [edge, mark, marks.heatOf]);
}
