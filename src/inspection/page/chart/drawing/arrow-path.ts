// An arrow, as SVG draws it: its way, with round corners, and its head.
import type { Point } from '../../../charts/chart.js';

const radius = 6;
const head = { length: 8, halfWidth: 3.5 };

export function arrowPath(points: readonly Point[]): string {
  const parts = points.map((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before) return `M${point.x} ${point.y}`;
    // Its head hides the end of it.
    if (!after) return lineTo(towards(point, before, head.length - 1));
    const [begin, end] = [towards(point, before, radius, 0.5), towards(point, after, radius, 0.5)];
    return `${lineTo(begin)}Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return parts.join('');
}

export function arrowHead(points: readonly Point[]): string {
  const [tip, before] = [points.at(-1), points.at(-2)];
  if (!tip || !before) return '';
  const base = towards(tip, before, head.length);
  const across = {
    x: ((tip.y - base.y) / head.length) * head.halfWidth,
    y: ((tip.x - base.x) / head.length) * head.halfWidth,
  };
  return `M${tip.x} ${tip.y}${lineTo({ x: base.x + across.x, y: base.y - across.y })}${lineTo({ x: base.x - across.x, y: base.y + across.y })}Z`;
}

/** So far from one to the other, and no further than this part of the way. */
function towards(from: Point, to: Point, distance: number, most = 1): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return from;
  const part = Math.min(distance / length, most);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function lineTo({ x, y }: Point): string {
  return `L${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
