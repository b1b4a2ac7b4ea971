// The whole of a chart, small, and where on it one is.
import type { Box, Chart, Point } from '../../../charts/chart.js';

export interface ChartMapProps {
  readonly chart: Chart;
  /** Ids of states. */
  readonly active: ReadonlySet<string>;
  /** What is seen of the paper. */
  readonly seen: Box;
  readonly onMove: (place: Point) => void;
}

/** In px. */
const most = { width: 150, height: 130 };

export function ChartMap({ chart, active, seen, onMove }: ChartMapProps) {
  const scale = Math.min(most.width / chart.width, most.height / chart.height);
  const goTo = (event: PointerEvent & { readonly currentTarget: SVGSVGElement }) => {
    if (event.buttons === 0) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    onMove({ x: (event.clientX - left) / scale, y: (event.clientY - top) / scale });
  };
  return (
    <svg
      class="chart-map"
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
