import { expect, it } from 'vitest';
import {
  arrowHead,
  arrowPath,
} from '../../../../../../src/inspection/page/chart/drawing/arrow-path.js';

const points = [
  { x: 0, y: 0 },
  { x: 0, y: 40 },
  { x: 50, y: 40 },
];

it('goes from its source to its head, round at each corner', () => {
  expect(arrowPath(points)).toBe('M0 0L0 34Q0 40 6 40L43 40');
});

it('has its tip at its target', () => {
  expect(arrowHead(points)).toBe('M50 40L42 36.5L42 43.5Z');
});

it('turns no further than half of what lies between two corners', () => {
  const narrow = [...points, { x: 50, y: 44 }, { x: 90, y: 44 }];
  expect(arrowPath(narrow)).toContain('L44 40Q50 40 50 42L50 42Q50 44 56 44');
});

it('draws nothing that is nowhere', () => {
  expect(arrowHead([{ x: 1, y: 1 }])).toBe('');
  expect(
    arrowHead([
      { x: 1, y: 1 },
      { x: 1, y: 1 },
    ]),
  ).not.toContain('NaN');
});
