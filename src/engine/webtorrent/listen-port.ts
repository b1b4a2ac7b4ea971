// Where the peer at the other end listens.
import type Wire from 'bittorrent-protocol';

/** The port that was dialled, or the one a peer that dialled us has told (BEP 10); undefined if it has not. */
export function listenPortOf({ type, remotePort, peerExtendedHandshake }: Wire) {
  if (type === 'tcpOutgoing') return remotePort;
  const port = Number(peerExtendedHandshake.p);
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}
