// Turns an announce as the library parsed it into one that holds what an announce may hold, and nothing else.
// The library checks little: a port of 80.5, `compact=2` or `socket=x` would each bring the process down.
import { isIP } from 'node:net';
import type { ParsedRequest } from 'bittorrent-tracker/server';
import { isOwnAddress, plainAddress } from './own-address.js';
import { queryValues } from './query.js';
import type { Announce } from './swarm.js';

/** What is told at most: so many fit a UDP packet of 512 bytes. */
const maxPeersTold = 82;
const defaultPeersTold = 50;

/** The announce, and whether it came from this machine; undefined if it makes no sense. */
export function readAnnounce(
  params: ParsedRequest,
): { readonly announce: Announce; readonly isOwn: boolean } | undefined {
  const { info_hash: infoHash, peer_id: peerId, port, left, numwant } = params;
  const sender = plainAddress(params.httpReq?.socket.remoteAddress ?? String(params.ip));
  const isOwn = isOwnAddress(sender);
  const ip = (isOwn && claimedAddress(params)) || sender;
  if (!isHash(infoHash) || !isHash(peerId) || !isPort(port) || isIP(ip) === 0) return undefined;
  const announce: Announce = {
    infoHash,
    peerId,
    ip,
    port,
    isComplete: left === 0,
    event: readEvent(params.event),
    numwant: isCount(numwant) ? Math.min(numwant, maxPeersTold) : defaultPeersTold,
  };
  return { announce, isOwn };
}

/** The address a peer names as its own: the `ip` parameter of BEP 3, unless it is a name, or the `ip` field of BEP 15. */
function claimedAddress({ httpReq, key }: ParsedRequest): string | undefined {
  if (!httpReq) return typeof key === 'number' && key > 0 ? dottedIPv4(key) : undefined;
  const [claimed = ''] = queryValues(httpReq.url ?? '', 'ip');
  const address = plainAddress(claimed).toLowerCase();
  return isIP(address) === 0 ? undefined : address;
}

function dottedIPv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** Unknown events, such as BEP 21's `paused`, are as good as none. */
function readEvent(event: unknown): Announce['event'] {
  return event === 'started' || event === 'completed' || event === 'stopped' ? event : 'update';
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{40}$/.test(value);
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
