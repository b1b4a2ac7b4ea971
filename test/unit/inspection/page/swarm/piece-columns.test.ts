import { expect, it } from 'vitest';
import { columnPath, partLengths } from '../../../../../src/inspection/page/swarm/piece-columns.js';

it('draws a column for each share, those that are alike as one, and nothing where there is nothing', () => {
  expect(columnPath([1, 1, 0, 0.5])).toBe('M0 1H2V0H0ZM3 1H4V0.5H3Z');
  expect(columnPath([0, 0])).toBe('');
});

it('stands on what is below, and never beyond the top', () => {
  expect(columnPath([0.25, 0.25], [0.5, 0.75])).toBe('M0 0.5H1V0.25H0ZM1 0.25H2V0H1Z');
  expect(columnPath([0.5], [0.75])).toBe('M0 0.25H1V0H0Z');
});

it('knows that the last part may be shorter', () => {
  const none = { verified: [0, 0, 0], underWay: [0, 0, 0], copies: [0, 0, 0], unavailable: 0 };
  expect(partLengths({ ...none, pieceCount: 70, piecesPerPart: 32 })).toEqual([32, 32, 6]);
});
