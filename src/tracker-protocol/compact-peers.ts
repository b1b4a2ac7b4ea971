// Peers as trackers write them down, 6 bytes each (BEP 23, BEP 15) or 18 (BEP 7), to bytes and back. Pure.
import { isIPv6, SocketAddress } from 'node:net';
import { toPeerAddress } from '../net/peer-address.js';

export const compactIpv4Bytes = 6;
export const compactIpv6Bytes = 18;
const zero = 0x30;

/** `ip` must be an IP address without a zone. */
export function toCompactPeer(ip: string, port: number): Buffer {
  if (ip.includes(':')) return Buffer.from([...ipv6Bytes(ip), port >> 8, port & 0xff]);
  const compact = Buffer.allocUnsafe(compactIpv4Bytes);
  writeIpv4(ip, compact);
  compact[4] = port >> 8;
  compact[5] = port & 0xff;
  return compact;
}

/** By its characters: to cut it into parts takes ten times as long, and a tracker does so for each announce. */
function writeIpv4(ip: string, to: Uint8Array): void {
  let [at, number] = [0, 0];
  for (let index = 0; index < ip.length; index++) {
    const digit = ip.charCodeAt(index) - zero;
    if (digit >= 0) {
      number = number * 10 + digit;
      continue;
    }
    to[at] = number;
    at += 1;
    number = 0;
  }
  to[at] = number;
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

/** 4 bytes of address, 2 of port each → `host:port`. A torn last one is left out, and so is port 0. */
export function parseIpv4Peers(bytes: Uint8Array): readonly string[] {
  return parsePeers(bytes, compactIpv4Bytes, (address) => address.join('.'));
}

/** 16 bytes of address, 2 of port each. */
export function parseIpv6Peers(bytes: Uint8Array): readonly string[] {
  return parsePeers(bytes, compactIpv6Bytes, (address) =>
    address.toString('hex').replace(/....(?=.)/g, '$&:'),
  );
}

function parsePeers(
  bytes: Uint8Array,
  peerBytes: number,
  addressOf: (bytes: Buffer) => string,
): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(buffer.length / peerBytes) }, (_, index) => {
    const peer = buffer.subarray(index * peerBytes, (index + 1) * peerBytes);
    const port = peer.readUInt16BE(peerBytes - 2);
    return peerAddress(addressOf(peer.subarray(0, -2)), port) ?? [];
  }).flat();
}

/** `host:port` in the one way of writing it, or undefined where no peer can have that address. */
export function peerAddress(ip: string, port: number): string | undefined {
  if (ip.includes('%')) return undefined;
  const host = isIPv6(ip) ? new SocketAddress({ address: ip, family: 'ipv6' }).address : ip;
  return toPeerAddress(host, port)?.text;
}
