// What kind of an address an IP address is: how far it reaches, from this machine alone to the whole net, and whether
// anything may ever be sent there on somebody else's word. Pure; names are nobody's business here.
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from './ip-address.js';

/** From the narrowest to the widest. */
export type AddressClass = 'loopback' | 'private' | 'global';

type Range = readonly [network: string, prefixBits: number];

/** IPv4 addresses are numbers here: a tracker names fifty at a time, and a BlockList makes two objects to look at one. */
interface Ranges {
  readonly ipv4: readonly { readonly network: number; readonly mask: number }[];
  readonly ipv6: BlockList;
}

/**
 * Unspecified (0/8, ::), multicast, reserved and broadcast (224/3), and where clouds answer anybody on their machines with
 * credentials of theirs.
 */
const forbidden = rangesOf([
  ['0.0.0.0', 8],
  ['224.0.0.0', 3],
  ['169.254.169.254', 32],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['::', 128],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
]);
const loopback = rangesOf([
  ['127.0.0.0', 8],
  ['::1', 128],
]);
/** RFC 1918, RFC 6598 (shared address space), link-local (RFC 3927, RFC 4291), unique local (RFC 4193). */
const local = rangesOf([
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fec0::', 10],
  ['fc00::', 7],
]);

/** Undefined where nothing is ever to be sent, or for what is no IP address. */
export function addressClass(address: string): AddressClass | undefined {
  const plain = embeddedIpv4(plainAddress(address)) ?? plainAddress(address);
  if (isIP(plain) === 0 || contains(forbidden, plain)) return undefined;
  if (contains(loopback, plain)) return 'loopback';
  return contains(local, plain) ? 'private' : 'global';
}

/** Who counts as one: an IPv4 address, or the /64 of an IPv6 address, which is the least that anybody is given. */
export function addressKey(address: string): string {
  const plain = embeddedIpv4(plainAddress(address)) ?? plainAddress(address);
  return isIPv6(plain) ? `${ipv6Groups(plain).slice(0, 4).join(':')}::/64` : plain;
}

function rangesOf(ranges: readonly Range[]): Ranges {
  const ipv6 = new BlockList();
  const ipv4 = [];
  for (const [network, bits] of ranges) {
    if (isIPv4(network)) ipv4.push({ network: bitsOf(network), mask: -1 << (32 - bits) });
    else ipv6.addSubnet(network, bits, 'ipv6');
  }
  return { ipv4, ipv6 };
}

function contains({ ipv4, ipv6 }: Ranges, address: string): boolean {
  if (!isIPv4(address)) return ipv6.check(address, 'ipv6');
  const bits = bitsOf(address);
  return ipv4.some(({ network, mask }) => (bits & mask) === network);
}

/** Of an IPv4 address, as a signed number. */
function bitsOf(address: string): number {
  return address.split('.').reduce((bits, byte) => (bits << 8) | Number(byte), 0);
}

/** Where the packets of a mapped (RFC 4291), translated (RFC 6052) or tunnelled (RFC 3056) address end up. */
function embeddedIpv4(address: string): string | undefined {
  if (!isIPv6(address)) return undefined;
  const groups = ipv6Groups(address);
  const head = groups.slice(0, 6).join(':');
  if (head === '0:0:0:0:0:ffff' || head === '64:ff9b:0:0:0:0') return toIpv4(groups[6], groups[7]);
  return groups[0] === '2002' ? toIpv4(groups[1], groups[2]) : undefined;
}

/** Eight groups of hex digits, without leading zeros. */
function ipv6Groups(address: string): readonly string[] {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after];
}

function toIpv4(high = '0', low = '0'): string {
  const bits = Number.parseInt(high, 16) * 2 ** 16 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits / 2 ** shift) & 0xff).join('.');
}
