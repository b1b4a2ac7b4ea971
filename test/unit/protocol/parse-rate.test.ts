import { describe, expect, it } from 'vitest';
import { parseRate } from '../../../src/protocol/parse-rate.js';

describe('parseRate', () => {
  it.each([
    ['1', 1],
    [2048, 2048],
    ['500K', 512_000],
    ['500k', 512_000],
    ['2M', 2_097_152],
    ['1.5M', 1_572_864],
    ['1G', 1_073_741_824],
  ])('reads %j as %d bytes a second', (rate, bytesPerSecond) => {
    expect(parseRate(rate)).toBe(bytesPerSecond);
  });

  it.each([
    '',
    '0',
    '0.5',
    'K',
    '1 K',
    '-1',
    '+1',
    '1KB',
    '1T',
    '1e3',
    '.5M',
    '1.',
    'fast',
    '9'.repeat(30),
    Number.NaN,
    -1,
    0,
  ])('does not take %j for a rate', (rate) => {
    expect(parseRate(rate)).toBeUndefined();
  });
});
