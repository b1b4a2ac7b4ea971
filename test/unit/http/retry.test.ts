import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../src/http/retry.js';

const nowMs = Date.parse('2024-05-01T00:00:00Z');

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['7', 7000],
    ['3600', 60_000],
    ['9'.repeat(400), 60_000],
    ['Wed, 01 May 2024 00:00:07 GMT', 7000],
    ['Wed, 01 May 2024 01:00:00 GMT', 60_000],
    ['Tue, 30 Apr 2024 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j as %j ms', (header, delayMs) => {
    expect(retryAfterMs(header, nowMs)).toBe(delayMs);
  });
});
