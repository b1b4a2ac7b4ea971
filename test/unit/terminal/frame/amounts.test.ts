import { describe, expect, it } from 'vitest';
import {
  bytesColumns,
  bytesText,
  countText,
  timeColumns,
  timeText,
} from '../../../../src/terminal/frame/amounts.js';

describe('an amount', () => {
  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [10_188, '9.9 KiB'],
    [102_399, '100 KiB'],
    [1_048_000, '1023 KiB'],
    [1_048_575, '1.0 MiB'],
    [5 * 2 ** 40, '5.0 TiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
    [-1, '0 B'],
  ])('of %i bytes is %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it('of bytes is never wider than its column', () => {
    for (let bytes = 1; bytes < 2 ** 60; bytes *= 1.13) {
      expect(bytesText(bytes).length).toBeLessThanOrEqual(bytesColumns);
    }
  });

  it.each([
    [0, '0:00'],
    [6.2, '0:07'],
    [754, '12:34'],
    [3_723, '1:02:03'],
    [86_399, '23h 59m'],
    [97_200, '1d 3h'],
    [8_640_000 - 1, '99d 23h'],
    [8_640_000, '>100d'],
    [Number.MAX_VALUE, '>100d'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(timeText(seconds)).toBe(text);
    expect(text.length).toBeLessThanOrEqual(timeColumns);
  });

  it('has its thousands apart', () => {
    expect([0, 999, 1_000, 1_234_567].map(countText)).toEqual(['0', '999', '1,000', '1,234,567']);
  });
});
