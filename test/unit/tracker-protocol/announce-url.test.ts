import { expect, test } from 'vitest';
import { announceUrls } from '../../../src/tracker-protocol/announce-url.js';

test('HTTP stands in the first tier, UDP in the second', () => {
  expect(announceUrls('192.0.2.7', 6969)).toEqual([
    ['http://192.0.2.7:6969/announce'],
    ['udp://192.0.2.7:6969/announce'],
  ]);
});

test('an IPv6 host stands in brackets', () => {
  expect(announceUrls('2001:db8::7', 80)).toEqual([
    ['http://[2001:db8::7]:80/announce'],
    ['udp://[2001:db8::7]:80/announce'],
  ]);
});
