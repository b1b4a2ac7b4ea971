// The handshake of one connection (BEP 3): says who we are, and finds out whether we have reached ourselves.
import type { Torrent } from 'webtorrent';
import type Peer from 'webtorrent/lib/peer.js';

export interface HandshakeOptions {
  /** Our own peer id, in hex. */
  readonly clientPeerId: string;
  /** Whether we tell that we speak to the DHT (BEP 5). */
  readonly dht: boolean;
  /** Called before the connection is dropped, if our own peer id is at the other end. */
  readonly onSelf?: () => void;
  /** Called once the other side has sent a handshake for this torrent. */
  readonly onCompleted?: () => void;
}

/** Replaces both halves of it for one `peer`; webtorrent's neither recognise themselves nor ask for the DHT's port. */
export function replaceHandshake(peer: Peer, torrent: Torrent, options: HandshakeOptions): void {
  const { clientPeerId, dht, onSelf, onCompleted } = options;
  peer.handshake = () => {
    peer.wire?.handshake(torrent.infoHash, clientPeerId, { dht, fast: true });
    peer.sentHandshake = true;
  };
  const onHandshake = peer.onHandshake;
  peer.onHandshake = (infoHash, peerId) => {
    if (infoHash === torrent.infoHash && peerId === clientPeerId) {
      // The side that dialled must see who answers, so that it never dials again.
      if (!peer.sentHandshake) peer.handshake();
      onSelf?.();
      if (peer.swarm !== null && onSelf !== undefined) peer.destroy();
      return;
    }
    if (infoHash === torrent.infoHash) onCompleted?.();
    onHandshake.call(peer, infoHash, peerId);
  };
}
