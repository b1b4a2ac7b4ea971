// Whether a web page is behind a request: no torrent client is, and what a browser on this machine sends comes from an
// address that is trusted with more than others. Pure.
import type { IncomingMessage } from 'node:http';
import { isLoopback, plainAddress, plainHost } from '../../net/ip-address.js';

/**
 * Browsers say so themselves, by `Origin` or `Sec-Fetch-Site`; but not to what they take for a server somewhere in the
 * net, whose name led them to a loopback address. So there it must be asked for as what it is. Elsewhere it may have any
 * name, or stand behind a proxy.
 *
 * @param host the IP address by which peers reach the tracker
 */
export function isFromWebPage(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  host: string,
): boolean {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return true;
  // HTTP/1.0 knows none, and browsers no HTTP/1.0.
  if (headers.host === undefined) return false;
  if (!isLoopback(plainAddress(socket.localAddress ?? ''))) return false;
  const asked = hostOf(headers.host);
  return !isLoopback(asked) && asked !== plainHost(host).toLowerCase();
}

/** Without its port, and an IPv6 address without its brackets. */
function hostOf(header: string): string {
  const [, ipv6, other = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? [];
  return (ipv6 ?? other).toLowerCase();
}
