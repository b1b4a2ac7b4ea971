// Who the peer at the other end is, by what it says in its handshakes: which client, and where it listens.
import type Wire from 'bittorrent-protocol';

/** `-BH` in hex: the client and version part (BEP 20) of every peer id of this engine begins so. */
const ownClientHex = '2d4248';

/** Whether it runs this same program. */
export function isSameClient({ peerId }: Pick<Wire, 'peerId'>): boolean {
  return peerId?.startsWith(ownClientHex) ?? false;
}

/** The port that was dialled, or the one a peer that dialled us has told (BEP 10); undefined if it has not. */
export function listenPortOf({ type, remotePort, peerExtendedHandshake }: Wire) {
  if (type === 'tcpOutgoing') return remotePort;
  const port = Number(peerExtendedHandshake.p);
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}
