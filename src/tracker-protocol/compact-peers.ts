// Peers as trackers write them down: 6 bytes each (BEP 23, BEP 15), or 18 (BEP 7). Pure.
import { isIPv4 } from 'node:net';

export const compactIpv4Bytes = 6;
export const compactIpv6Bytes = 18;

/** `ip` must be an IP address without a zone. */
export function toCompactPeer(ip: string, port: number): Buffer {
  const bytes = isIPv4(ip) ? ip.split('.').map(Number) : ipv6Bytes(ip);
  return Buffer.from([...bytes, port >> 8, port & 0xff]);
}

function ipv6Bytes(ip: string): readonly number[] {
  // Also turns a dotted end, as in `::1.2.3.4`, into hex.
  const written = new URL(`http://[${ip}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = written.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
