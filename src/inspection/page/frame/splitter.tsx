// The edge of a pane, to be dragged; with the keyboard, in steps. It measures from the side of the window where the pane lies.
import type { TargetedPointerEvent } from 'preact';

export type Side = 'left' | 'right' | 'bottom';

export interface SplitterProps {
  readonly side: Side;
  readonly label: string;
  readonly resize: (pixels: number) => void;
}

const stepPixels = 24;
/** What a pane needs at least, and what it leaves to the others. */
const leastPixels = 140;

export function Splitter({ side, label, resize }: SplitterProps) {
  const drag = (event: TargetedPointerEvent<HTMLHRElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      resize(sized(side, event.clientX, event.clientY));
    }
  };
  const step = (event: KeyboardEvent) => {
    if (!(event.currentTarget instanceof Element)) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const x = { ArrowLeft: -stepPixels, ArrowRight: stepPixels }[event.key] ?? 0;
    const y = { ArrowUp: -stepPixels, ArrowDown: stepPixels }[event.key] ?? 0;
    if (x === 0 && y === 0) return;
    event.preventDefault();
    event.stopPropagation();
    resize(sized(side, left + x, top + y));
  };
  return (
    <hr
      class={`splitter is-${side}`}
      tabIndex={0}
      aria-label={label}
      aria-orientation={side === 'bottom' ? 'horizontal' : 'vertical'}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={step}
    />
  );
}

function sized(side: Side, x: number, y: number): number {
  const pixels = { left: x, right: innerWidth - x, bottom: innerHeight - y }[side];
  const most = side === 'bottom' ? innerHeight - 2 * leastPixels : innerWidth - 4 * leastPixels;
  return Math.round(Math.max(leastPixels, Math.min(pixels, most)));
}
