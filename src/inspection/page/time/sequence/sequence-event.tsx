// One event of the sequence, in a row: an arrow from who sent it to who took it, and where that led.
import { clockText } from '../../steps/clock-text.js';
import type { Step } from '../../store/page-store.js';
import { statePaths } from '../../store/state-paths.js';
import { eventLabel } from './event-label.js';

export interface SequenceEventProps {
  readonly step: Step;
  readonly top: number;
  readonly height: number;
  /** Of the whole diagram. */
  readonly width: number;
  /** Where the columns of both are; undefined: they have none. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly isCurrent: boolean;
  /** It has not happened yet at the position. */
  readonly isAhead: boolean;
  onGo(): void;
}

const characterWidth = 6.7;
const gap = 8;

export function SequenceEvent(props: SequenceEventProps) {
  const { step, top, height, width, from, to = 0, isCurrent, isAhead, onGo } = props;
  const { record, before, after } = step;
  const label = eventLabel(record);
  const states = statePaths(after?.value).join(' ');
  const isMoved = record.type === 'actor' || states !== statePaths(before?.value).join(' ');
  const led = isMoved && states !== '' ? ` ▸ ${states}` : '';
  const start = from ?? to;
  const [left, right] = [Math.min(start, to), Math.max(start, to)];
  const length = (label.length + led.length) * characterWidth;
  const textLeft = leftOfText(left, right, length, width);
  const looks = ['event', record.type, isCurrent && 'current', isAhead && 'ahead', record.status];
  const middle = height / 2;
  return (
    <button
      type="button"
      class={looks.filter(Boolean).join(' ')}
      style={{ top: `${top}px`, height: `${height}px` }}
      tabIndex={-1}
      aria-current={isCurrent ? 'step' : undefined}
      aria-label={`${clockText(record.timeMs)} ${label}${led}`}
      onClick={onGo}
    >
      <svg width={width} height={height} aria-hidden="true">
        <text class="time" x={6} y={middle + 4}>
          {clockText(record.timeMs)}
        </text>
        {start === to ? (
          <circle cx={to} cy={middle} r={3} />
        ) : (
          <>
            <path
              class="arrow"
              d={linePath(start, to, middle, textLeft - 4, textLeft + length + 4)}
            />
            <path class="arrow-head" d={headPath(start, to, middle)} />
          </>
        )}
        <text class="label" x={textLeft} y={middle + 4}>
          {label}
          {led && <tspan class="led">{led}</tspan>}
        </text>
      </svg>
    </button>
  );
}

/** Over the arrow if it is long enough, else behind it, or before it. */
function leftOfText(left: number, right: number, length: number, width: number): number {
  if (right - left > length + 3 * gap) return (left + right - length) / 2;
  if (right + gap + length < width) return right + gap;
  return Math.max(gap, left - gap - length);
}

/** With room for the text that lies over it. */
function linePath(from: number, to: number, y: number, textLeft: number, textRight: number) {
  const isOver = textLeft > Math.min(from, to) && textRight < Math.max(from, to);
  if (!isOver) return `M${from} ${y}H${to}`;
  const [near, far] = from < to ? [textLeft, textRight] : [textRight, textLeft];
  return `M${from} ${y}H${near}M${far} ${y}H${to}`;
}

function headPath(from: number, to: number, y: number): string {
  const back = from < to ? -6 : 6;
  return `M${to + back} ${y - 3.5}L${to} ${y}l${back} 3.5`;
}
