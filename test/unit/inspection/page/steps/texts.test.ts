import { describe, expect, it } from 'vitest';
import { clockText, spanText } from '../../../../../src/inspection/page/steps/clock-text.js';

describe('a time', () => {
  it('is that of the clock on the wall, to the millisecond or the second', () => {
    const timeMs = new Date(2026, 10, 26, 7, 5, 9, 4).getTime();
    expect(clockText(timeMs)).toBe('07:05:09.004');
    expect(clockText(timeMs, 0)).toBe('07:05:09');
    expect(clockText(Number.NaN)).toBe('–');
  });

  it('that passed is told in the unit that suits it', () => {
    const spans = [0, 12.4, 1_000, 1_540, 90_000, 5_400_000];
    expect(spans.map(spanText)).toEqual(['0 ms', '12 ms', '1 s', '1.5 s', '1.5 min', '1.5 h']);
  });
});
