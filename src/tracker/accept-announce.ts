// What is done with an announce, whichever protocol it came by: who the peer is, whether it may open a swarm, and what
// it is told.
import { isIP } from 'node:net';
import { plainAddress } from '../net/ip-address.js';
import { toCompactPeer } from '../tracker-protocol/compact-peers.js';
import type { AnnounceOutcome, Swarms } from './swarms.js';
import type { AcceptedAnnounce } from './tracked-swarm.js';

/** What is told at most: so many fit a UDP packet of 512 bytes. */
const maxPeersTold = 82;
const defaultPeersTold = 50;

/** What both protocols answer from. */
export interface TrackerContext {
  readonly swarms: Swarms;
  /** How often peers are asked to announce. */
  readonly intervalMs: number;
  /** Whether a peer at this address is on this machine. */
  readonly isOwnAddress: (address: string) => boolean;
  readonly nowMs: () => number;
}

/** An announce as it was read: what it says makes sense, but may not be true. */
export interface RequestedAnnounce
  extends Pick<AcceptedAnnounce, 'infoHash' | 'peerId' | 'isComplete'> {
  /** 1 to 65535. */
  readonly port: number;
  /** Unknown ones, such as BEP 21's `paused`, are as good as none. */
  readonly event: string | undefined;
  /** Undefined or 0: as many as usual. */
  readonly numWant: number | undefined;
  /** The address that the peer names as its own. Only one on this machine may: others reach it by another. */
  readonly ip: string | undefined;
}

/** `sender`: the address of the socket that the announce came from. */
export function acceptAnnounce(
  { swarms, isOwnAddress, nowMs }: TrackerContext,
  requested: RequestedAnnounce,
  sender: string,
): AnnounceOutcome {
  const { infoHash, peerId, isComplete, port, event, numWant } = requested;
  const address = plainAddress(sender);
  const claimed = plainAddress(requested.ip ?? '');
  const isOwn = isOwnAddress(address);
  if (isOwn) swarms.open(infoHash);
  const ip = isOwn && isIP(claimed) !== 0 ? claimed : address;
  const accepted: AcceptedAnnounce = {
    infoHash,
    peerId,
    address: toCompactPeer(ip, port).toString('latin1'),
    isComplete,
    event: isEvent(event) ? event : 'update',
    numWant: Math.min(numWant || defaultPeersTold, maxPeersTold),
  };
  return swarms.announce(accepted, nowMs());
}

function isEvent(event: string | undefined): event is AcceptedAnnounce['event'] {
  return event === 'started' || event === 'completed' || event === 'stopped';
}
