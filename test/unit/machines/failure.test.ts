import { expect, it } from 'vitest';
import { failureOf } from '../../../machines/failure.js';
import { HelperError } from '../../../src/errors.js';

it('gives what is thrown at a machine a code of the list, whatever code it has', () => {
  const full = new HelperError('DISK_FULL', 'no room');
  expect(failureOf(full)).toEqual({ code: 'DISK_FULL', message: 'no room', isTransient: true });
  const missing = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
  const bug = { code: 'INTERNAL', message: 'bug: ENOENT: no such file' };
  expect(failureOf(missing)).toEqual(bug);
  expect(failureOf('a word')).toEqual({ code: 'INTERNAL', message: 'bug: a word' });
});
