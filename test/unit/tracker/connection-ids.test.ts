import { expect, test } from 'vitest';
import { ConnectionIds } from '../../../src/tracker/connection-ids.js';

const minuteMs = 60_000;
const one = Uint8Array.of(192, 0, 2, 1);
const another = Uint8Array.of(192, 0, 2, 2);

test('an id is accepted from the address it was issued to, for two minutes at least', () => {
  const ids = new ConnectionIds();
  const id = ids.issue(one, minuteMs);
  expect(id).toHaveLength(8);
  expect(ids.accepts(id, one, minuteMs)).toBe(true);
  expect(ids.accepts(id, one, 3 * minuteMs)).toBe(true);
});

test('an id grows old', () => {
  const ids = new ConnectionIds();
  expect(ids.accepts(ids.issue(one, 0), one, 4 * minuteMs)).toBe(false);
});

test('another address cannot use it', () => {
  const ids = new ConnectionIds();
  expect(ids.accepts(ids.issue(one, 0), another, 0)).toBe(false);
});

test('another tracker did not issue it', () => {
  const id = new ConnectionIds().issue(one, 0);
  expect(new ConnectionIds().accepts(id, one, 0)).toBe(false);
});

test('bytes that are no id at all are not accepted', () => {
  expect(new ConnectionIds().accepts(new Uint8Array(0), one, 0)).toBe(false);
});
