// What of a chart is seen: all of it, or what is active, or what whoever looks at it has chosen. It glides from one to another.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Chart, ChartState, Point } from '../../../charts/chart.js';
import { between, moved, type PaneSize, type View, viewOf, viewOfActive, zoomed } from './view.js';

export type ViewMode = 'whole' | 'active' | 'own';

export interface ViewControl {
  readonly size: PaneSize;
  readonly view: View;
  readonly zoomBy: (factor: number, at?: Point) => void;
  /** In px. */
  readonly moveBy: (by: Point) => void;
  /** Brings this place of the paper into the middle. */
  readonly moveTo: (centre: Point) => void;
}

const glideMs = 220;

/** @param element what the chart is drawn in */
export function useView(
  element: HTMLElement | null,
  chart: Chart,
  active: readonly ChartState[],
  mode: ViewMode,
  setMode: (mode: ViewMode) => void,
): ViewControl {
  const size = useSize(element);
  const [own, setOwn] = useState<View>();
  const whole = viewOf({ x: 0, y: 0, width: chart.width, height: chart.height }, size);
  const aim = {
    whole,
    active: viewOfActive(chart, active, size) ?? whole,
    own: own ?? whole,
  }[mode];
  const view = useGlide(aim, mode !== 'own');

  const now = useRef({ view, size });
  now.current = { view, size };
  const choose = useCallback(
    (next: (view: View, size: PaneSize) => View) => {
      const chosen = next(now.current.view, now.current.size);
      now.current.view = chosen;
      setOwn(chosen);
      setMode('own');
    },
    [setMode],
  );
  const zoomBy = useCallback(
    (factor: number, at?: Point) =>
      choose((from, pane) => zoomed(from, factor, at ?? { x: pane.width / 2, y: pane.height / 2 })),
    [choose],
  );
  const moveBy = useCallback(
    (by: Point) => choose((from, pane) => moved(chart, pane, from, by)),
    [choose, chart],
  );
  const moveTo = useCallback(
    ({ x, y }: Point) =>
      choose((from, pane) => ({
        scale: from.scale,
        x: x - pane.width / from.scale / 2,
        y: y - pane.height / from.scale / 2,
      })),
    [choose],
  );
  return { size, view, zoomBy, moveBy, moveTo };
}

function useSize(element: HTMLElement | null): PaneSize {
  const [size, setSize] = useState<PaneSize>({ width: 700, height: 500 });
  useEffect(() => {
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      if (width > 0 && height > 0) setSize({ width, height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

function useGlide(aim: View, isGliding: boolean): View {
  const [shown, setShown] = useState(aim);
  const at = useRef(aim);
  const { x, y, scale } = aim;
  useEffect(() => {
    const to = { x, y, scale };
    const show = (view: View) => {
      at.current = view;
      setShown(view);
    };
    if (!isGliding || matchMedia('(prefers-reduced-motion: reduce)').matches) {
      show(to);
      return undefined;
    }
    const from = at.current;
    let began: number | undefined;
    const step = (time: number) => {
      began ??= time;
      const part = Math.min(1, (time - began) / glideMs);
      show(between(from, to, part * (2 - part)));
      if (part < 1) frame = requestAnimationFrame(step);
    };
    let frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [x, y, scale, isGliding]);
  // What is chosen by hand is followed at once.
  return isGliding ? shown : aim;
}
