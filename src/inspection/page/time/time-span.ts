// The part of the time that is shown: all of it, or what was zoomed in on; and where in it something lies.
import { clockText } from '../steps/clock-text.js';
import { firstWhere } from '../steps/step-index.js';
import type { Step } from '../store/page-store.js';

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

const shortestMs = 5;

/** Of all steps. */
export function wholeSpan(steps: readonly Step[]): TimeSpan {
  const fromMs = steps[0]?.record.timeMs ?? 0;
  const toMs = steps.at(-1)?.record.timeMs ?? 0;
  // A clock may have been set back.
  return { fromMs, toMs: Math.max(toMs, fromMs + 1_000) };
}

/** `factor` over 1 shows more. `atMs` stays where it is. */
export function zoomedSpan(
  span: TimeSpan,
  factor: number,
  atMs: number,
  whole: TimeSpan,
): TimeSpan {
  const length = Math.max(shortestMs, (span.toMs - span.fromMs) * factor);
  const share = (atMs - span.fromMs) / (span.toMs - span.fromMs);
  return within({ fromMs: atMs - share * length, toMs: atMs + (1 - share) * length }, whole);
}

/** The same length, moved as little as shows `headMs`. */
export function showing(span: TimeSpan, headMs: number, whole: TimeSpan): TimeSpan {
  const behind = Math.min(0, headMs - span.fromMs);
  const ahead = Math.max(0, headMs - span.toMs);
  const movedMs = behind + ahead;
  return within({ fromMs: span.fromMs + movedMs, toMs: span.toMs + movedMs }, whole);
}

function within({ fromMs, toMs }: TimeSpan, whole: TimeSpan): TimeSpan {
  const length = Math.min(toMs - fromMs, whole.toMs - whole.fromMs);
  const from = Math.min(Math.max(fromMs, whole.fromMs), whole.toMs - length);
  return { fromMs: from, toMs: from + length };
}

/** From 0 to `width`, where it is shown. */
export function placeOf(timeMs: number, { fromMs, toMs }: TimeSpan, width: number): number {
  return ((timeMs - fromMs) / (toMs - fromMs)) * width;
}

export function timeAt(left: number, { fromMs, toMs }: TimeSpan, width: number): number {
  return fromMs + (left / Math.max(1, width)) * (toMs - fromMs);
}

/** So many steps have been taken by then. */
export function positionAt(steps: readonly Step[], timeMs: number): number {
  return firstWhere(steps.length, (index) => (steps[index]?.record.timeMs ?? timeMs) > timeMs);
}

/** How many of `count` things, the oldest first, lie in each of so many equal parts of the span. */
export function densityOf(
  count: number,
  timeOf: (index: number) => number,
  { fromMs, toMs }: TimeSpan,
  parts: number,
): readonly number[] {
  const partMs = (toMs - fromMs) / parts;
  const bounds = Array.from({ length: parts + 1 }, (_, part) => {
    const boundMs = fromMs + part * partMs;
    // The last instant belongs to the last part.
    return part === parts
      ? firstWhere(count, (index) => timeOf(index) > toMs)
      : firstWhere(count, (index) => timeOf(index) >= boundMs);
  });
  return bounds.slice(1).map((bound, part) => bound - (bounds[part] ?? 0));
}

/** Bars as the path of an SVG, up from `bottom`; what is but one is seen too. */
export function barsPath(
  counts: readonly number[],
  partWidth: number,
  bottom: number,
  height: number,
): string {
  const most = Math.log2(1 + counts.reduce((one, other) => Math.max(one, other), 1));
  return counts
    .map((count, part) => {
      if (count === 0) return '';
      const tall = Math.max(3, (Math.log2(1 + count) / most) * height);
      const width = Math.max(1, partWidth - 0.5);
      return `M${(part * partWidth).toFixed(1)} ${bottom}v-${tall.toFixed(1)}h${width}v${tall.toFixed(1)}z`;
    })
    .join('');
}

export interface TimeTick {
  readonly timeMs: number;
  readonly label: string;
}

const shortSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000,
];
const dayMs = 24 * 3_600_000;
const longSteps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1_440].map((each) => each * 60_000);

/** Round times in it, so many that their labels have room. */
export function ticksOf(span: TimeSpan, width: number): readonly TimeTick[] {
  const fewest = ((span.toMs - span.fromMs) / Math.max(1, width)) * 100;
  const days = Math.ceil(fewest / dayMs) * dayMs;
  const stepMs = [...shortSteps, ...longSteps].find((each) => each >= fewest) ?? days;
  const firstMs = Math.ceil(span.fromMs / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((span.toMs - firstMs) / stepMs) + 1);
  return Array.from({ length: count }, (_, index) => {
    const timeMs = firstMs + index * stepMs;
    return { timeMs, label: clockText(timeMs, stepMs < 1_000 ? 3 : 0) };
  });
}
