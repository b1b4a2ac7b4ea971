import { describe, expect, it } from 'vitest';
import { errorCodes, HelperError, isErrorCode, toldError } from '../../src/errors.js';

const everyError = Object.keys(errorCodes)
  .filter(isErrorCode)
  .map((code) => new HelperError(code, 'x'));

describe('every error', () => {
  it.each(everyError)('$code says what to do, in a sentence', ({ code, help }) => {
    expect(help, code).toMatch(/^[A-Z][^\n]{15,}[^.]\.$/);
  });

  it('may pass later where it is tried again by itself, or waits for somebody to clear the way', () => {
    const waited = everyError.filter(({ isTransient, isObstacle }) => isTransient || isObstacle);
    expect(waited.length).toBeGreaterThan(5);
    expect(waited.filter(({ retryable }) => !retryable)).toEqual([]);
  });

  it('may not pass where the same request can only fail again', () => {
    const { KEY_TAKEN, METAINFO_INVALID, OPTION_INVALID, REFUSED } = Object.fromEntries(
      everyError.map((error) => [error.code, error.retryable]),
    );
    expect([KEY_TAKEN, METAINFO_INVALID, OPTION_INVALID, REFUSED]).toEqual(Array(4).fill(false));
  });
});

describe('an error that another thread has told of', () => {
  it('has no place in the code, unless it is a bug', () => {
    const limit = Error.stackTraceLimit;
    const told = toldError({ code: 'CONTENT_EMPTY', message: 'nothing' });
    expect(told).toEqual(new HelperError('CONTENT_EMPTY', 'nothing'));
    expect(told.stack).not.toContain('\n');
    expect(toldError({ code: 'INTERNAL', message: 'bug: a' }).stack).toContain('\n');
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
