import { expect, test } from 'vitest';
import { hashBytes } from '../../support/trackers/tracked-announce.js';
import {
  infoHash,
  otherPeerId,
  peerId,
  percentEncoded,
  readAnswer,
} from '../../support/trackers/tracker-requests.js';
import { UnconnectedTracker } from '../../support/trackers/unconnected-tracker.js';

const elsewhere = '203.0.113.9';
const required = `info_hash=${percentEncoded(infoHash)}&peer_id=${percentEncoded(peerId)}`;

function announce(tracker: UnconnectedTracker, query: string) {
  return readAnswer(tracker.get(elsewhere, `/announce?${query}`));
}

test.each([
  ['0', 1],
  ['-1', 0],
  ['1', 0],
  ['much', 0],
  ['Infinity', 0],
  ['0&left=0', 0],
])('only with nothing left is a peer complete, and not with left=%s', (left, complete) => {
  const tracker = new UnconnectedTracker('any');
  expect(announce(tracker, `${required}&port=1&left=${left}`).complete).toBe(complete);
});

test('a peer that does not say what is left is not complete', () => {
  expect(announce(new UnconnectedTracker('any'), `${required}&port=1`).complete).toBe(0);
});

test.each([
  ['', 50],
  ['&numwant=30', 30],
  ['&numwant=0', 50],
  ['&numwant=200', 82],
  ['&numwant=1e300', 82],
  ['&numwant=-1', 50],
  ['&numwant=1.5', 50],
  ['&numwant=many', 50],
  ['&numwant=1&numwant=2', 50],
])('with %j in its query an announce is told of %i peers', (query, told) => {
  const tracker = new UnconnectedTracker('any');
  for (let port = 1; port <= 100; port += 1) {
    tracker.announce(`203.0.113.${port}`, { port, peerId: otherPeerId });
  }
  expect(announce(tracker, `${required}&port=1${query}`).peers).toHaveLength(told);
});

test.each([
  ['info_hash', ''],
  ['info_hash', `info_hash=${infoHash}&peer_id=${percentEncoded(peerId)}&port=1`],
  ['info_hash', `${required}&port=1&info_hash=${percentEncoded(infoHash)}`],
  ['info_hash', `__proto__=1&info_hash[]=1&port=1`],
  ['peer_id', `info_hash=${percentEncoded(infoHash)}&peer_id=ab&port=1`],
  ['port', required],
  ['port', `${required}&port=`],
  ['port', `${required}&port=0`],
  ['port', `${required}&port=65536`],
  ['port', `${required}&port=80.5`],
  ['port', `${required}&port=http`],
  ['port', `${required}&port=80&port=80`],
])('an announce without one valid %s is told so: %s', (name, query) => {
  expect(announce(new UnconnectedTracker('any'), query).failure).toBe(`invalid ${name}`);
});

test.each([
  ['percent-encoded bytes, which are no UTF-8,', percentEncoded(infoHash), infoHash],
  [
    'bytes that need no encoding',
    'abcdefghijklmnopqrst',
    '6162636465666768696a6b6c6d6e6f7071727374',
  ],
  ['a plus, which stands for a space,', '+'.repeat(20), '20'.repeat(20)],
  [
    'stray percent signs, which stand for themselves,',
    '%%zz%u1234%100%abcdef%xy',
    '25257a7a2575313233341030ab63646566257879',
  ],
])('an info hash of %s is taken byte by byte', (_, written, hex) => {
  const tracker = new UnconnectedTracker('any');
  announce(tracker, `info_hash=${written}&peer_id=${percentEncoded(peerId)}&port=1`);
  expect(tracker.swarms.scrape(hashBytes(hex)).incomplete).toBe(1);
});

test('a client that is gone already is nobody to tell others of', () => {
  const tracker = new UnconnectedTracker('any');
  expect(() => tracker.get(undefined, `/announce?${required}&port=1`)).toThrow('no answer');
  expect(tracker.swarms.size).toBe(0);
});

test('a question mark in the query belongs to the value', () => {
  const tracker = new UnconnectedTracker('any');
  announce(tracker, `info_hash=${'?'.repeat(20)}&peer_id=${percentEncoded(peerId)}&port=1`);
  expect(tracker.swarms.scrape(hashBytes('3f'.repeat(20))).incomplete).toBe(1);
});
