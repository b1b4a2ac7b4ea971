// Which hosts lead to this machine and no further.
import { isIPv4 } from 'node:net';

/** @param host an address, or the host of a URL: a name, or an IPv6 address in brackets */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}
