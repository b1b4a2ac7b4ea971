// Sees to it that there is one connection a peer. A peer id is a mere claim, and everybody in a swarm sees those of others:
// two are one peer only if they also come from one address. Whoever has two addresses may have two connections.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import { addressKey } from '../../net/address-class.js';
import { isSameClient } from '../data-path/wire/peer-identity.js';

/** Two peers that find each other dial each other: of two connections to one peer, both sides drop the same. */
export function dropDuplicate(wire: Wire, torrent: Torrent, clientPeerId: string): void {
  const { peerId } = wire;
  const duplicate = torrent.wires.find((other) => other !== wire && isSamePeer(wire, other));
  if (duplicate === undefined || peerId === null) return;
  const drop = (dropped: Wire) => queueMicrotask(() => dropped.destroy());
  const typeToKeep = clientPeerId < peerId ? 'tcpOutgoing' : 'tcpIncoming';
  if (duplicate.type === wire.type) drop(wire);
  // Others have rules of their own, and drop what they want dropped.
  else if (isSameClient(wire)) drop(wire.type === typeToKeep ? duplicate : wire);
}

function isSamePeer(a: Wire, b: Wire): boolean {
  const [from, to] = [a.remoteAddress, b.remoteAddress];
  if (a.peerId !== b.peerId || from === undefined || to === undefined) return false;
  return addressKey(from) === addressKey(to);
}
