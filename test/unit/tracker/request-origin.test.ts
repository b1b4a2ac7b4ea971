import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTracker, type Tracker } from '../../../src/tracker/start-tracker.js';
import {
  announceQuery,
  infoHash,
  percentEncoded,
} from '../../support/trackers/tracker-requests.js';

const host = '192.0.2.1';

let tracker: Tracker;
beforeAll(async () => {
  const options = { host, listen: '127.0.0.1', port: { asked: 0 } };
  tracker = await startTracker({ ...options, admit: 'any' });
});
afterAll(() => tracker.close());

const paths = [`/announce?${announceQuery()}`, `/scrape?info_hash=${percentEncoded(infoHash)}`];

/** The statuses of an announce and of a scrape. */
function statuses(headers: Readonly<Record<string, string>>): Promise<unknown[]> {
  const statusOf = (path: string) =>
    new Promise<unknown>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: tracker.port, path, headers };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
  return Promise.all(paths.map((path) => statusOf(path)));
}

test.each([
  ['its origin', { Origin: 'https://page.example' }],
  ['its origin, which is hidden', { Origin: 'null' }],
  ['its origin, though it is this machine', { Origin: 'http://localhost' }],
  ['where it stands', { 'Sec-Fetch-Site': 'cross-site' }],
  ['where it stands, though nowhere', { 'Sec-Fetch-Site': 'none' }],
])('a request that tells %s comes from a web page, and is refused', async (_, headers) => {
  expect(await statuses(headers)).toEqual([403, 403]);
});

test.each([
  'page.example',
  'page.example:80',
  'localhost.page.example',
  '127.0.0.1.page.example',
  '127page.example:6969',
  '0.0.0.0',
  '[::]',
  '203.0.113.5',
  '[2001:db8::1]:80',
  '127.0.0.1@page.example',
  '::1',
])('on loopback a request for %j, which is somewhere else, is refused', async (named) => {
  expect(await statuses({ Host: named })).toEqual([403, 403]);
});

test.each([
  '127.0.0.1',
  '127.0.0.1:6969',
  '127.1.2.3:1',
  'localhost',
  'LocalHost:6969',
  'tracker.localhost:80',
  '[::1]',
  '[::1]:6969',
  host,
  `${host}:6969`,
])('on loopback a request for %j, which is here, is answered', async (named) => {
  expect(await statuses({ Host: named })).toEqual([200, 200]);
});
