// A peer's address as text: `1.2.3.4:6881` or `[2001:db8::1]:6881`. IP addresses only, never names.
import { isIP, isIPv6 } from 'node:net';
import { plainHost } from './ip-address.js';

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
  /** The one way to write it: the key under which it is known. */
  readonly text: string;
}

/** Undefined if it is not an IP address with a port from 1 to 65535. */
export function parsePeerAddress(text: string): PeerAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : toPeerAddress(host, Number(match?.[3]));
}

export function toPeerAddress(host: string, port: number): PeerAddress | undefined {
  const plain = plainHost(host);
  if (isIP(plain) === 0 || !Number.isInteger(port) || port < 1 || port > 65535) return undefined;
  const text = isIPv6(plain) ? `[${plain.toLowerCase()}]:${port}` : `${plain}:${port}`;
  return { host: plain, port, text };
}
