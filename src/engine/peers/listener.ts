// The incoming side: who connects to the peer port gets a bounded time to name a torrent of ours, in plaintext or
// encrypted (message stream encryption), and is handed to it, or is hung up on.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import Peer from 'webtorrent/lib/peer.js';
import { addIncomingPeer, onIncoming } from '../webtorrent/torrent-peers.js';
import type { BanList } from './ban-list.js';
import { replaceHandshake } from './handshake.js';

const handshakeTimeoutMs = 10_000;
const mostPending = 50;
const mostConnections = 500;
const mostConnectionsATorrent = 100;

export interface PeerPort {
  /** Lets connections in for `torrent`, until the returned function is called. */
  open(torrent: Torrent, options: { readonly dht: boolean }): () => void;
  /** Hangs up on everyone who has not yet named a torrent. */
  close(): void;
}

interface OpenTorrent {
  readonly torrent: Torrent;
  readonly dht: boolean;
}

export function openPeerPort(client: WebTorrent, banList: BanList): PeerPort {
  const byInfoHash = new Map<string, OpenTorrent>();
  /** Encrypted handshakes name a torrent by the SHA-1 of `req2` and its info hash. */
  const byHiddenHash = new Map<string, OpenTorrent>();
  /** Connections that have not named a torrent yet, oldest first. */
  const pending = new Set<Socket>();
  let connections = 0;

  const accept = (socket: Socket) => {
    socket.on('error', () => {});
    const { remoteAddress } = socket;
    const isWelcome = remoteAddress !== undefined && banList.remainingMs(remoteAddress) === 0;
    if (!isWelcome || connections >= mostConnections) {
      socket.destroy();
      return;
    }
    // A message is several writes; waiting for an acknowledgement between them costs 40 ms each.
    socket.setNoDelay(true);
    connections += 1;
    pending.add(socket);
    const deadline = setTimeout(() => socket.destroy(), handshakeTimeoutMs);
    deadline.unref();
    socket.once('close', () => {
      connections -= 1;
      pending.delete(socket);
      clearTimeout(deadline);
    });
    if (pending.size > mostPending) for (const oldest of [...pending].slice(0, 1)) oldest.destroy();
    // Takes plaintext as well: the library looks at the first 20 bytes.
    const peer = Peer.createTCPIncomingPeer(socket, client.throttleGroups, 1);
    peer.wire?.once('garbage', () => banList.sentGarbage(remoteAddress));
    admit(peer, () => {
      pending.delete(socket);
      clearTimeout(deadline);
    });
  };

  const admit = (peer: Peer, onAdmitted: () => void) => {
    const { wire } = peer;
    if (wire === null) return;
    const assign = (open: OpenTorrent | undefined) => {
      if (peer.swarm !== null) return true;
      if (open === undefined || open.torrent.wires.length >= mostConnectionsATorrent) {
        peer.destroy();
        return false;
      }
      peer.swarm = open.torrent;
      replaceHandshake(peer, open.torrent, { clientPeerId: client.peerId, dht: open.dht });
      addIncomingPeer(open.torrent, peer);
      return !peer.destroyed;
    };
    wire.once('crypto-infohash', (hiddenHash: string) => {
      const open = byHiddenHash.get(hiddenHash);
      if (assign(open) && open !== undefined) wire.setInfoHash(open.torrent.infoHash);
    });
    wire.once('handshake', (infoHash: string, peerId: string) => {
      const isAssigned = peer.swarm !== null;
      if (!assign(byInfoHash.get(infoHash))) return;
      onAdmitted();
      // One assigned by an encrypted handshake has met the library's own listener already.
      if (!isAssigned) peer.onHandshake(infoHash, peerId);
    });
  };

  onIncoming(client, accept);

  return {
    open(torrent, { dht }) {
      const { infoHash } = torrent;
      const hiddenHash = createHash('sha1')
        .update('req2')
        .update(Buffer.from(infoHash, 'hex'))
        .digest('hex');
      const open = { torrent, dht };
      byInfoHash.set(infoHash, open);
      byHiddenHash.set(hiddenHash, open);
      return () => {
        byInfoHash.delete(infoHash);
        byHiddenHash.delete(hiddenHash);
      };
    },
    close() {
      for (const socket of pending) socket.destroy();
    },
  };
}
