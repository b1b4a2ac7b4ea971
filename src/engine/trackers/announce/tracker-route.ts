// Where to connect for an announce URL: its own host and port, or the route that leads to a tracker of ours
// whose public address cannot be reached from inside a NAT.
import { isLoopback } from '../../../net/ip-address.js';
import type { TrackerRoutes } from './announce-request.js';
import { trackerUrl } from './tracker-url.js';

export interface TrackerRoute {
  /** A name or an address; IPv6 in brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The tracker is on this machine, or one we know the way to: no proxy between. */
  readonly isOurs: boolean;
  /** We know the way to it, so it is the user's, whoever else names it. */
  readonly isTrusted: boolean;
}

/** Whether the tracker is on this machine, or one we know the way to. */
export function isOurTracker(url: string, routes?: TrackerRoutes): boolean {
  const hostname = trackerUrl(url)?.url.hostname ?? '';
  return isLoopback(hostname) || isTrustedTracker(url, routes);
}

/** Whether we know the way to it: it is the helper's own. */
export function isTrustedTracker(url: string, routes?: TrackerRoutes): boolean {
  const read = trackerUrl(url);
  if (read === undefined || routes === undefined) return false;
  const { protocol, hostname, port } = read.url;
  return routes.has(`${hostname}:${port || defaultPorts[protocol]}`);
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Throws when the URL names no port and its protocol has none by default. */
export function trackerRoute(url: URL, routes?: TrackerRoutes): TrackerRoute {
  const port = url.port === '' ? defaultPorts[url.protocol] : Number(url.port);
  if (port === undefined) throw new Error('the announce URL names no port');
  const route = routes?.get(`${url.hostname}:${port}`);
  if (route === undefined) {
    const { hostname } = url;
    return { hostname, port, isOurs: isLoopback(hostname), isTrusted: false };
  }
  const colon = route.lastIndexOf(':');
  const [hostname, routedPort] = [route.slice(0, colon), Number(route.slice(colon + 1))];
  return { hostname, port: routedPort, isOurs: true, isTrusted: true };
}
