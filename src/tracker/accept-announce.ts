// What is done with an announce, whichever protocol it came by: who the peer is, whether it may open a swarm, and what
// it is told.
import { addressClass } from '../net/address-class.js';
import { plainAddress } from '../net/ip-address.js';
import { toCompactPeer } from '../tracker-protocol/compact-peers.js';
import type { RequestBudget } from './senders/request-budget.js';
import { plainSender, senderKeyOf, thisMachine } from './senders/sender-key.js';
import type { AcceptedAnnounce } from './swarms/accepted-announce.js';
import type { AnnounceOutcome, Swarms } from './swarms/swarms.js';

/** What is told at most: so many fit a UDP packet of 512 bytes. */
const maxPeersTold = 82;
const defaultPeersTold = 50;

/** What both protocols answer from. */
export interface TrackerContext {
  readonly swarms: Swarms;
  /** The IP address by which peers reach the tracker. */
  readonly host: string;
  /** How often peers are asked to announce. */
  readonly intervalMs: number;
  /** Whether a peer at this address is on this machine. */
  readonly isOwnAddress: (address: string) => boolean;
  /** How much may be asked. */
  readonly budget: RequestBudget;
  readonly nowMs: () => number;
}

/** An announce as it was read: what it says makes sense, but may not be true. */
export interface RequestedAnnounce
  extends Pick<AcceptedAnnounce, 'infoHash' | 'peerId' | 'isComplete' | 'addressBytes'> {
  /** 1 to 65535. */
  readonly port: number;
  /** Unknown ones, such as BEP 21's `paused`, are as good as none. */
  readonly event: string | undefined;
  /** Undefined or 0: as many as usual. */
  readonly numWant: number | undefined;
  /**
   * The address that the peer names as its own. Only one on this machine may, as others reach it by another; and only for
   * torrents that anybody may announce.
   */
  readonly ip: string | undefined;
}

/** `sender`: the address of the socket that the announce came from. */
export function acceptAnnounce(
  { swarms, isOwnAddress, nowMs }: TrackerContext,
  requested: RequestedAnnounce,
  sender: string,
): AnnounceOutcome {
  const { infoHash, peerId, isComplete, port, event, numWant, addressBytes } = requested;
  const address = plainSender(sender);
  const senderKey = senderKeyOf(address, isOwnAddress);
  const claimed = requested.ip === undefined ? undefined : plainAddress(requested.ip);
  const mayClaim = claimed && senderKey === thisMachine && swarms.isOpenToAll(infoHash);
  const isClaimed = mayClaim && addressClass(claimed) !== undefined;
  const accepted: AcceptedAnnounce = {
    infoHash,
    peerId,
    address: toCompactPeer(isClaimed ? claimed : address, port),
    senderKey,
    isComplete,
    event: isEvent(event) ? event : 'update',
    numWant: Math.min(numWant || defaultPeersTold, maxPeersTold),
    addressBytes,
  };
  return swarms.announce(accepted, nowMs());
}

function isEvent(event: string | undefined): event is AcceptedAnnounce['event'] {
  return event === 'started' || event === 'completed' || event === 'stopped';
}
