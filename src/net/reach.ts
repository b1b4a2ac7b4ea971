// How near to us a word may lead: whoever names an address may name what he could reach himself, and little more. Asked
// of every address that is about to be connected to, on the address itself, for a name may lead anywhere. Pure.
import { isIP } from 'node:net';
import type { Reach } from '../../machines/types.js';
import { type AddressClass, addressClass } from './address-class.js';
import { plainAddress } from './ip-address.js';
import { isOwnAddress } from './own-addresses.js';

/** What may be connected to on somebody's word. */
export interface Permit {
  /** `url`: for what; `address`: its server's. Throws what speaks against it. */
  check(url: URL, address: string): void;
  /** For what the server at `address` redirects to; undefined: it is not known. */
  redirectedBy(address: string | undefined): Permit;
}

const widths: Readonly<Record<AddressClass, number>> = { loopback: 0, private: 1, global: 2 };

/**
 * Whether `reach` may have us connect to `address` for `path`. A server leads to no narrower class than its own: so to the
 * same host always, which is the same address and never the same name. `isOwn`: whether an address is this machine's.
 */
export function mayLeadTo(
  reach: Reach,
  path: string,
  address: string,
  isOwn: (address: string) => boolean = isOwnAddress,
): boolean {
  if (reach.kind === 'user') return true;
  const target = addressClass(address);
  if (target === undefined) return false;
  if (target !== 'loopback') return reach.kind === 'document' || widths[target] >= widthOf(reach);
  // One machine's helpers find each other, whatever way a .torrent came from one to the other.
  const isNear = reach.kind === 'document' || isOwn(plainAddress(reach.address ?? ''));
  return widthOf(reach) === widths.loopback || (isNear && path.endsWith('/announce'));
}

/** Whether `reach` may name a peer at `address`. Whoever is unknown may name any; a server none that is nearer to us than itself. */
export function mayNamePeer(reach: Reach, address: string): boolean {
  return reach.kind !== 'network' || mayLeadTo(reach, '', address);
}

/** Of a server that is not known, and of one where nothing may be sent, it is the widest. */
function widthOf(reach: Reach): number {
  const from = reach.kind === 'network' && reach.address ? addressClass(reach.address) : undefined;
  return widths[from ?? 'global'];
}

/** The address of a host as it stands in a URL, where none needs to be looked up; undefined for other names. */
export function literalAddress(host: string): string | undefined {
  if (/^(.*\.)?localhost\.?$/i.test(host)) return '127.0.0.1';
  const plain = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(plain) === 0 ? undefined : plain;
}
