import { expect, it } from 'vitest';
import {
  isOurTracker,
  trackerRoute,
} from '../../../../../src/engine/trackers/announce/tracker-route.js';

it.each([
  ['http://tracker.example/announce', 'tracker.example', 80],
  ['https://tracker.example/announce', 'tracker.example', 443],
  ['http://tracker.example:6969/announce', 'tracker.example', 6969],
  ['udp://[2001:db8::1]:6969', '[2001:db8::1]', 6969],
])('leads from %s to %s port %i', (url, hostname, port) => {
  expect(trackerRoute(new URL(url))).toEqual({ hostname, port, isOurs: false, isTrusted: false });
});

it.each([
  'http://127.0.0.1:1/',
  'http://127.9.9.9/',
  'http://localhost/',
  'http://[::1]/',
  'udp://127.0.0.1:1',
])('knows %s as on this machine', (url) => {
  expect(trackerRoute(new URL(url)).isOurs).toBe(true);
  expect(isOurTracker(url)).toBe(true);
});

it.each(['http://127.example/', 'http://localhost.example/'])('knows %s as elsewhere', (url) => {
  expect(trackerRoute(new URL(url)).isOurs).toBe(false);
  expect(isOurTracker(url)).toBe(false);
});

it.each([
  ['http://203.0.113.1:6969/announce', '203.0.113.1:6969', '10.0.0.2:7000', '10.0.0.2'],
  ['udp://203.0.113.1:6969/announce', '203.0.113.1:6969', '[::1]:7000', '[::1]'],
  ['http://203.0.113.1/announce', '203.0.113.1:80', '10.0.0.2:7000', '10.0.0.2'],
])('takes the route of %s', (url, from, to, hostname) => {
  const route = trackerRoute(new URL(url), new Map([[from, to]]));
  expect(route).toEqual({ hostname, port: 7000, isOurs: true, isTrusted: true });
});

it('leaves the other ports of a host with a route alone', () => {
  const routes = new Map([['203.0.113.1:6969', '10.0.0.2:7000']]);
  expect(trackerRoute(new URL('http://203.0.113.1:6970/'), routes).port).toBe(6970);
});

it('wants a port where the protocol has none by default', () => {
  expect(() => trackerRoute(new URL('udp://tracker.example/announce'))).toThrow('names no port');
});
