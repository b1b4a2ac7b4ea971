// A line of words on a chart; one that names a transition shows whether the last event took it, or how often it was taken.
import type { ChartLine } from '../../../charts/chart.js';

export interface Marks {
  /** Ids of transitions. */
  readonly taken: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  /** Another for each event: what it took is lit anew. */
  readonly eventKey: string;
  /** From the id of a transition to how warm it is, from 0 on; undefined: no heat is shown. */
  readonly heatOf: ((transition: string) => number) | undefined;
  /** A state or a transition is pointed at, by its id; undefined: nothing is. */
  readonly onPoint: (id: string | undefined) => void;
}

/** Another, when some of these transitions are to be drawn in another way. */
export function markOf(transitions: readonly (string | undefined)[], marks: Marks): string {
  const each = transitions.map((id = '') => {
    if (marks.taken.has(id)) return 't';
    return marks.refused.has(id) ? 'r' : '.';
  });
  return each.some((mark) => mark !== '.') ? each.join('') + marks.eventKey : '';
}

export function Words({ line, marks }: { readonly line: ChartLine; readonly marks: Marks }) {
  const { x, y, width, text, kind, transition } = line;
  const words = (
    <text class={kind} x={x} y={y} textLength={width} lengthAdjust="spacingAndGlyphs">
      {text}
    </text>
  );
  if (transition === undefined) return words;
  const isTaken = marks.taken.has(transition);
  const isRefused = !isTaken && marks.refused.has(transition);
  return (
    <g
      key={isTaken || isRefused ? marks.eventKey : ''}
      class={`words${isTaken ? ' taken' : ''}${isRefused ? ' refused' : ''}`}
      data-heat={marks.heatOf?.(transition)}
      onPointerOver={(event) => {
        event.stopPropagation();
        marks.onPoint(transition);
      }}
    >
      <rect class="ground" x={x - 3} y={y - 10} width={width + 6} height={13} rx={3} />
      {words}
    </g>
  );
}
