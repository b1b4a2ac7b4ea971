// Announces as the swarms of a tracker take them, told by `ip:port`, and what they are told of in turn.

import { addressKey } from '../../../src/net/address-class.js';
import type { AcceptedAnnounce } from '../../../src/tracker/swarms/accepted-announce.js';
import type { AnnounceOutcome } from '../../../src/tracker/swarms/swarms.js';
import type { ToldPeers } from '../../../src/tracker/swarms/told-peers.js';
import { toCompactPeer } from '../../../src/tracker-protocol/compact-peers.js';
import { infoHash } from './tracker-requests.js';

export interface AnnouncedPeer
  extends Partial<Omit<AcceptedAnnounce, 'address' | 'infoHash' | 'peerId'>> {
  readonly ip?: string;
  readonly port?: number;
  /** 40 hex digits. */
  readonly infoHash?: string;
  readonly peerId?: string;
}

export function trackedAnnounce({
  ip = '192.0.2.1',
  port = 7001,
  infoHash: hash = infoHash,
  peerId = `peer ${port}`,
  ...fields
}: AnnouncedPeer = {}): AcceptedAnnounce {
  return {
    infoHash: hashBytes(hash),
    peerId: Buffer.from(peerId),
    address: toCompactPeer(ip, port),
    senderKey: addressKey(ip),
    isComplete: false,
    event: 'update',
    numWant: 50,
    ...fields,
  };
}

export function hashBytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

export function compactAddress(ip: string, port: number): string {
  return toCompactPeer(ip, port).toString('latin1');
}

/** One character a byte, 6 of them or 18. */
export function addressesIn({ ipv4, ipv6 }: ToldPeers): readonly string[] {
  const inParts = (all: Buffer, bytes: number) =>
    Array.from({ length: all.length / bytes }, (_, index) =>
      all.toString('latin1', index * bytes, (index + 1) * bytes),
    );
  return [...inParts(ipv4, 6), ...inParts(ipv6, 18)];
}

/** As it was answered; of later answers it knows nothing. */
export function answerOf(outcome: AnnounceOutcome) {
  if (outcome.refusal !== undefined) return { refusal: outcome.refusal };
  const { complete, incomplete, told } = outcome;
  return { refusal: undefined, complete, incomplete, peers: addressesIn(told) };
}

/** The ports of peers that were told, in order. */
export function portsOf(addresses: readonly string[]): readonly number[] {
  return addresses
    .map((address) => Buffer.from(address, 'latin1').readUInt16BE(address.length - 2))
    .sort((a, b) => a - b);
}
