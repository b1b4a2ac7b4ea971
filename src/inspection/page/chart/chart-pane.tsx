// The chart of the actor that is looked at.
import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import type { Chart } from '../../charts/chart.js';
import type { ActorState } from '../../told/actor-state.js';
import type { PageStore } from '../store/page-store.js';
import { useStore } from '../store/use-store.js';
import { activeStates } from './active-states.js';
import { ChartCaption } from './chart-caption.js';
import { ChartDrawing } from './drawing/chart-drawing.js';
import { ChartMap, mapSize } from './drawing/chart-map.js';
import { lastEvent } from './last-event.js';
import { type HeatSource, heatSource, useHeat } from './use-heat.js';
import { type Corner, quietCorner } from './view/quiet-corner.js';
import { useDrag, useWheel } from './view/use-gestures.js';
import { useView, type ViewMode } from './view/use-view.js';
import { useViewKeys } from './view/use-view-keys.js';
import { farScale, isWhole, viewBoxOf } from './view/view.js';

/** What was chosen of one chart holds for the next. */
export interface ChartLook {
  readonly mode: ViewMode;
  readonly heat: HeatSource;
}

export const firstLook: ChartLook = { mode: 'whole', heat: 'off' };

export interface ChartPaneProps {
  readonly store: PageStore;
  readonly look: ChartLook;
  readonly setLook: (change: (before: ChartLook) => ChartLook) => void;
  /** Undefined: nobody is looked at, or the actor is no machine. */
  readonly chart: Chart | undefined;
}

export function ChartPane({ store, chart, look, setLook }: ChartPaneProps) {
  const { selected, actors } = useStore(store);
  const actor = selected === undefined ? undefined : actors.get(selected);
  if (actor && chart) {
    return <ShownChart key={chart.machine} {...{ store, chart, actor, look, setLook }} />;
  }
  return (
    <main class="chart">
      <p class="no-chart">
        {actor === undefined && selected !== undefined
          ? 'It is not there at this time.'
          : reasonFor(actor)}
      </p>
    </main>
  );
}

function reasonFor(actor: ActorState | undefined): string {
  if (!actor) return 'Choose an actor on the left, to see its chart.';
  if (actor.machine === undefined)
    return `${actor.id} is ${actor.src}: no machine, and so without a chart.`;
  return `There is no chart of ${actor.machine} in this build.`;
}

interface ShownChartProps extends ChartPaneProps {
  readonly chart: Chart;
  readonly actor: ActorState;
}

function ShownChart({
  store,
  chart,
  actor,
  look: { mode, heat: source },
  setLook,
}: ShownChartProps) {
  const setMode = useCallback(
    (next: ViewMode) => setLook((before) => ({ ...before, mode: next })),
    [setLook],
  );
  const [pointed, setPointed] = useState<string>();
  const states = useMemo(() => activeStates(chart, actor.value), [chart, actor.value]);
  const active = useMemo(() => new Set(states.map(({ id }) => id)), [states]);
  // As long as the actor is the same, so is the step that made it so.
  const last = useMemo(
    () => lastEvent(chart, actor, store.steps, store.position),
    [chart, actor, store],
  );
  const heat = useHeat(store, chart, source);
  const [canvas, setCanvas] = useState<HTMLElement | null>(null);
  const { size, view, zoomBy, moveBy, moveTo } = useView(canvas, chart, states, mode, setMode);
  // It stays where it is while one moves about.
  const corner = useRef<Corner>('bottom-right');
  if (mode !== 'own') corner.current = quietCorner(chart, size, view, mapSize);
  useWheel(canvas, zoomBy);
  const drag = useDrag(moveBy);

  // What is drawn is not gone over when only the view of it is another.
  const drawing = useMemo(
    () => (
      <ChartDrawing
        chart={chart}
        active={active}
        marks={{
          taken: last.taken,
          refused: last.refused,
          eventKey: last.key,
          heatOf: heat.heatOf,
          onPoint: setPointed,
        }}
      />
    ),
    [chart, active, last, heat.heatOf],
  );

  const onKeyDown = useViewKeys({ mode, setMode, zoomBy, moveBy });

  return (
    <main class="chart" onKeyDown={onKeyDown}>
      <div class="chart-bar">
        <label class="heat-choice">
          <span>heat </span>
          <select
            value={source}
            onChange={({ currentTarget: { value } }) =>
              setLook((before) => ({ ...before, heat: heatSource(value) }))
            }
          >
            <option value="off">off</option>
            <option value="run">this run</option>
            <option value="tests">tests</option>
          </select>
        </label>
        <span class="buttons">
          <button type="button" class="zoom" title="Smaller (−)" onClick={() => zoomBy(0.8)}>
            −
          </button>
          <button type="button" class="zoom" title="Larger (+)" onClick={() => zoomBy(1.25)}>
            +
          </button>
          <button
            type="button"
            title="All of it (0)"
            aria-pressed={mode === 'whole'}
            onClick={() => setMode('whole')}
          >
            all
          </button>
          <button
            type="button"
            title="Stay with what is active (f)"
            aria-pressed={mode === 'active'}
            onClick={() => setMode('active')}
          >
            follow
          </button>
        </span>
      </div>
      <div class="chart-canvas" ref={setCanvas}>
        <svg
          class={`chart-svg${view.scale < farScale ? ' is-far' : ''}${heat.heatOf ? ' has-heat' : ''}`}
          viewBox={viewBoxOf(view, size)}
          aria-label={`chart of ${chart.machine}`}
          onPointerOver={() => setPointed(undefined)}
          onPointerLeave={() => setPointed(undefined)}
          {...drag}
        >
          {drawing}
        </svg>
        {!isWhole(chart, size, view) && (
          <ChartMap
            chart={chart}
            active={active}
            seen={{
              x: view.x,
              y: view.y,
              width: size.width / view.scale,
              height: size.height / view.scale,
            }}
            corner={corner.current}
            onMove={moveTo}
          />
        )}
      </div>
      <ChartCaption chart={chart} pointed={pointed} last={last} heat={heat} />
    </main>
  );
}
