import { expect, test } from 'vitest';
import { readAnnounce } from '../../../src/tracker/read-announce.js';
import { infoHash, peerId } from '../../support/tracker-requests.js';

const parsed = {
  action: 1,
  type: 'udp',
  info_hash: infoHash,
  peer_id: peerId,
  ip: '203.0.113.9',
  port: 7001,
  left: 1,
  numwant: 30,
} as const;
const announce = {
  infoHash,
  peerId,
  ip: '203.0.113.9',
  port: 7001,
  isComplete: false,
  event: 'update',
  numwant: 30,
};

test('nothing of a request is taken over but what an announce holds', () => {
  const request = { ...parsed, socket: 'x', compact: 2, addr: 'y' };
  expect(readAnnounce(request)).toEqual({ announce, isOwn: false });
});

test('only with nothing left is a peer complete', () => {
  const complete = [0, -1, Number.POSITIVE_INFINITY, '0', undefined].map(
    (left) => readAnnounce({ ...parsed, left })?.announce.isComplete,
  );
  expect(complete).toEqual([true, false, false, false, false]);
});

test.each([
  [['started'], 'update'],
  ['paused', 'update'],
  ['started', 'started'],
  ['completed', 'completed'],
  ['stopped', 'stopped'],
])('the event %j is read as %s', (event, read) => {
  expect(readAnnounce({ ...parsed, event })?.announce.event).toBe(read);
});

test.each([
  [30, 30],
  [0, 0],
  [200, 82],
  [-1, 50],
  [1.5, 50],
  [Number.NaN, 50],
  [undefined, 50],
])('a numwant of %s is read as %i', (numwant, read) => {
  expect(readAnnounce({ ...parsed, numwant })?.announce.numwant).toBe(read);
});

test.each([
  { info_hash: undefined },
  { info_hash: infoHash.toUpperCase() },
  { info_hash: [infoHash] },
  { peer_id: 'ab' },
  { port: 0 },
  { port: 65_536 },
  { port: 80.5 },
  { port: '80' },
  { port: [80] },
  { ip: '' },
  { ip: 'localhost' },
  { ip: undefined },
])('an announce with %j makes no sense', (wrong) => {
  expect(readAnnounce({ ...parsed, ...wrong })).toBeUndefined();
});
