// Announces as the swarms of a tracker take them, told by `ip:port`.

import { addressKey } from '../../../src/net/address-class.js';
import type { AcceptedAnnounce } from '../../../src/tracker/swarms/tracked-swarm.js';
import { toCompactPeer } from '../../../src/tracker-protocol/compact-peers.js';
import { infoHash } from './tracker-requests.js';

export interface AnnouncedPeer extends Partial<Omit<AcceptedAnnounce, 'address'>> {
  readonly ip?: string;
  readonly port?: number;
}

export function trackedAnnounce({
  ip = '192.0.2.1',
  port = 7001,
  ...fields
}: AnnouncedPeer = {}): AcceptedAnnounce {
  return {
    infoHash,
    peerId: `peer ${port}`,
    address: compactAddress(ip, port),
    senderKey: addressKey(ip),
    isComplete: false,
    event: 'update',
    numWant: 50,
    ...fields,
  };
}

export function compactAddress(ip: string, port: number): string {
  return toCompactPeer(ip, port).toString('latin1');
}

/** The ports of peers that were told, in order. */
export function portsOf(addresses: readonly string[]): readonly number[] {
  return addresses
    .map((address) => Buffer.from(address, 'latin1').readUInt16BE(address.length - 2))
    .sort((a, b) => a - b);
}
