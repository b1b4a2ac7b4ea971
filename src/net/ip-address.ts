// Hosts as they are written: which of them lead to this machine and no further, and what sockets add to them. Pure.
import { isIPv4 } from 'node:net';

/** @param host an address, or the host of a URL: a name, or an IPv6 address in brackets */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

/** A socket that listens on `::` sees IPv4 peers as mapped addresses. */
export function plainHost(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** As `plainHost`, without what a link-local address has behind it (`%zone`): it means nothing to anybody else. */
export function plainAddress(address: string): string {
  return plainHost(address).replace(/%.*$/, '');
}
