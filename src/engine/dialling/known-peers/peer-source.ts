// Where a peer's address is known from, which decides whether it may be dialled: nobody out there sends us to a port of
// this machine. Private addresses may be dialled on anybody's word: two helpers in one house meet through a public tracker.
import { addressClass } from '../../../net/address-class.js';
import { plainAddress } from '../../../net/ip-address.js';
import { isOwnAddress } from '../../../net/own-addresses.js';

/** From the most to the least trusted. `user`: an instruction, and peers that we were connected to. */
export const sourceKinds = ['user', 'tracker', 'dht', 'exchange'] as const;

export type SourceKind = (typeof sourceKinds)[number];

export interface PeerSource {
  readonly kind: SourceKind;
  /** The address of whoever named it, if that is known. */
  readonly from?: string | undefined;
}

/** The broadcast addresses of our own networks are left to the system, which makes no connection there. */
export function mayBeDialled(host: string, source: PeerSource): boolean {
  const reach = addressClass(host);
  return reach !== undefined && (reach !== 'loopback' || isTrusted(source));
}

/** The user's word, or that of a program on this machine. */
export function isTrusted({ kind, from }: PeerSource): boolean {
  return kind === 'user' || (from !== undefined && isOwnAddress(plainAddress(from)));
}
