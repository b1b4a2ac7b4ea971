import { expect, test } from 'vitest';
import { queryValues } from '../../../src/tracker/query.js';

test('percent-encoded bytes are read as bytes, not as UTF-8', () => {
  const [value = ''] = queryValues('/announce?info_hash=%ff%C3%a9%00%2B', 'info_hash');
  expect(Buffer.from(value, 'latin1').toString('hex')).toBe('ffc3a9002b');
});

test('a repeated parameter gives all its values in order', () => {
  expect(queryValues('/scrape?a=1&b=2&a=3', 'a')).toEqual(['1', '3']);
});

test('a parameter that is not there has no values', () => {
  expect(queryValues('/scrape', 'a')).toEqual([]);
  expect(queryValues('/scrape?', 'a')).toEqual([]);
  expect(queryValues('/scrape?b=1', '__proto__')).toEqual([]);
});

test('stray percent signs stand for themselves', () => {
  expect(queryValues('/scrape?a=%&a=%zz&a=%u1234&a=100%', 'a')).toEqual([
    '%',
    '%zz',
    '%u1234',
    '100%',
  ]);
});

test('a question mark in the query belongs to the value', () => {
  expect(queryValues('/scrape?a=what?', 'a')).toEqual(['what?']);
});
