// The whole of a chart, small, and where on it one is.
import type { Box, Chart, Point } from '../../../charts/chart.js';

export interface ChartMapProps {
  readonly chart: Chart;
  /** Ids of states. */
  readonly active: ReadonlySet<string>;
  /** What is seen of the paper. */
  readonly seen: Box;
  /** Of the pane: `bottom-right`. */
  readonly corner: string;
  readonly onMove: (centre: Point) => void;
}

/** In px. */
const most = { width: 120, height: 100 };

/** In px, with what is around it. */
export const mapSize = { width: most.width + 12, height: most.height + 12 };

export function ChartMap({ chart, active, seen, corner, onMove }: ChartMapProps) {
  const scale = Math.min(most.width / chart.width, most.height / chart.height);
  const goTo = (event: PointerEvent & { readonly currentTarget: SVGSVGElement }) => {
    if (event.buttons === 0) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    onMove({ x: (event.clientX - left) / scale, y: (event.clientY - top) / scale });
  };
  return (
    <svg
      class={`chart-map ${corner}`}
      aria-hidden="true"
      width={chart.width * scale}
      height={chart.height * scale}
      viewBox={`0 0 ${chart.width} ${chart.height}`}
      onPointerDown={goTo}
      onPointerMove={goTo}
    >
      {chart.states.map(({ id, x, y, width, height }) => (
        <rect key={id} class={active.has(id) ? 'active' : ''} {...{ x, y, width, height }} />
      ))}
      <rect class="seen" {...seen} />
    </svg>
  );
}
