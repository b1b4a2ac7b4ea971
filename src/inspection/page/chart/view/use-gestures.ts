// The chart moves with what drags it, and grows and shrinks with the wheel, around the pointer.
import { useEffect, useMemo } from 'preact/hooks';
import type { Point } from '../../../charts/chart.js';

/** A drag begins where it is clear that it is no click. */
const slackPx = 4;

export function useWheel(
  element: HTMLElement | null,
  zoomBy: (factor: number, at: Point) => void,
): void {
  useEffect(() => {
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top, height } = element.getBoundingClientRect();
      const unit = [1, 16, height][event.deltaMode] ?? 1;
      const turned = Math.max(-200, Math.min(200, event.deltaY * unit));
      zoomBy(Math.exp(-turned / 400), { x: event.clientX - left, y: event.clientY - top });
    };
    // Otherwise the browser would zoom the page before it could be told not to.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [element, zoomBy]);
}

export interface DragHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  readonly onPointerCancel: (event: PointerEvent) => void;
}

export function useDrag(moveBy: (by: Point) => void): DragHandlers {
  return useMemo(() => {
    let last: Point | undefined;
    let isDragging = false;
    const end = () => {
      last = undefined;
      isDragging = false;
    };
    return {
      onPointerDown: (event) => {
        if (event.button === 0) last = { x: event.clientX, y: event.clientY };
      },
      onPointerMove: (event) => {
        if (!last) return;
        const by = { x: last.x - event.clientX, y: last.y - event.clientY };
        if (!isDragging && Math.hypot(by.x, by.y) < slackPx) return;
        if (!isDragging && event.currentTarget instanceof Element) {
          event.currentTarget.setPointerCapture(event.pointerId);
        }
        isDragging = true;
        last = { x: event.clientX, y: event.clientY };
        moveBy(by);
      },
      onPointerUp: end,
      onPointerCancel: end,
    };
  }, [moveBy]);
}
