// The keys that move what is seen of a chart: arrows while it has the focus, because they have a meaning elsewhere, too; those that
// make it larger and smaller wherever the focus is, as its buttons promise.
import { useEffect } from 'preact/hooks';
import type { ViewMode } from './use-view.js';

export interface MovableView {
  readonly mode: ViewMode;
  readonly setMode: (mode: ViewMode) => void;
  readonly zoomBy: (factor: number) => void;
  readonly moveBy: (by: { readonly x: number; readonly y: number }) => void;
}

/** Gives back what listens to the keys of the chart itself. */
export function useViewKeys({ mode, setMode, zoomBy, moveBy }: MovableView) {
  const anywhere: Keys = {
    '+': () => zoomBy(1.25),
    '=': () => zoomBy(1.25),
    '-': () => zoomBy(0.8),
    '0': () => setMode('whole'),
    f: () => setMode(mode === 'active' ? 'whole' : 'active'),
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => act(event, anywhere);
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  return (event: KeyboardEvent) => {
    // With Shift they go along time.
    if (event.shiftKey) return;
    act(event, {
      ArrowLeft: () => moveBy({ x: -60, y: 0 }),
      ArrowRight: () => moveBy({ x: 60, y: 0 }),
      ArrowUp: () => moveBy({ x: 0, y: -60 }),
      ArrowDown: () => moveBy({ x: 0, y: 60 }),
    });
  };
}

type Keys = Readonly<Record<string, () => void>>;

function act(event: KeyboardEvent, keys: Keys): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const { key, target } = event;
  if (target instanceof Element && target.closest('input, textarea, select, dialog')) return;
  if (!Object.hasOwn(keys, key)) return;
  event.preventDefault();
  keys[key]?.();
}
