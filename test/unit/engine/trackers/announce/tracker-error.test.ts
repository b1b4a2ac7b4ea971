import { expect, it } from 'vitest';
import {
  toTrackerError,
  trackerError,
} from '../../../../../src/engine/trackers/announce/tracker-error.js';
import { HelperError } from '../../../../../src/errors.js';

it.each([
  'http://user:secret@tracker.example:6969/announce',
  'http://tracker.example:6969/secret/announce',
  'udp://tracker.example:6969/announce?passkey=secret',
])('names the tracker, but never a passkey: %s', (url) => {
  const { message } = trackerError(url, 'is down');
  expect(message).toMatch(/^tracker (http|udp):\/\/tracker\.example:6969 is down$/);
});

it('says what the system said', () => {
  const error = toTrackerError('http://a.example', new Error('connect ECONNREFUSED 127.0.0.1:1'));
  expect(error).toMatchObject({
    code: 'TRACKER_UNREACHABLE',
    message: 'tracker http://a.example could not be reached: connect ECONNREFUSED 127.0.0.1:1',
  });
});

it('takes the code of an error without a message', () => {
  const error = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' });
  expect(toTrackerError('http://a.example', error).message).toMatch(/ECONNREFUSED$/);
});

it('escapes what others may have written', () => {
  const { message } = toTrackerError('http://a.example', new Error('altnames: a\nb'));
  expect(message).toMatch(/'altnames: a\\x0ab'$/);
});

it('lets a HelperError through as it is', () => {
  const error = new HelperError('TRACKER_UNREACHABLE', 'said already');
  expect(toTrackerError('http://a.example', error)).toBe(error);
});
