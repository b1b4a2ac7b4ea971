// The incoming side: who connects to the peer port gets a bounded time to name a torrent of ours, in plaintext or
// encrypted (message stream encryption), and is handed to it, or is hung up on. How many may come: peers/incoming.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import Peer from 'webtorrent/lib/peer.js';
import { incomingLimits } from '../../limits.js';
import { strangerKey } from '../../net/own-addresses.js';
import { guardKeyExchange } from '../webtorrent/key-exchange.js';
import { addIncomingPeer, onIncoming } from '../webtorrent/torrent-peers.js';
import type { BanList } from './ban-list.js';
import { replaceHandshake } from './handshake.js';
import { type Dialled, IncomingPlaces } from './incoming/incoming-places.js';
import { RateByAddress } from './incoming/rate-by-address.js';

/** One looks so often who has moved blocks. */
const lookMs = 10_000;

const arrivalRates = {
  perAddress: {
    perSecond: incomingLimits.arrivalsPerSecond,
    burst: incomingLimits.arrivalsAtOnce,
  },
  inAll: {
    perSecond: incomingLimits.allArrivalsPerSecond,
    burst: incomingLimits.allArrivalsAtOnce,
  },
};
const keyExchangeRates = {
  perAddress: {
    perSecond: incomingLimits.keyExchangesPerSecond,
    burst: incomingLimits.keyExchangesAtOnce,
  },
  inAll: {
    perSecond: incomingLimits.allKeyExchangesPerSecond,
    burst: incomingLimits.allKeyExchangesAtOnce,
  },
};

export interface PeerPort {
  /** Lets connections in for a torrent, until the returned function is called. */
  open(torrent: OpenTorrent): () => void;
  /** Hangs up on everyone who has not yet named a torrent. */
  close(): void;
}

export interface PeerPortOptions {
  readonly banList: BanList;
  /** How many may be open at once, those that have not named a torrent included. */
  readonly connections: number;
}

export interface OpenTorrent {
  readonly infoHash: string;
  readonly dht: boolean;
  /** Gives it when somebody comes who has a place. Until then there need be none. */
  wake(): Torrent;
}

export function openPeerPort(client: WebTorrent, options: PeerPortOptions): PeerPort {
  const { banList } = options;
  const byInfoHash = new Map<string, OpenTorrent>();
  /** Encrypted handshakes name a torrent by the SHA-1 of `req2` and its info hash. */
  const byHiddenHash = new Map<string, OpenTorrent>();
  const unnamed = Math.min(incomingLimits.unnamed, Math.ceil(options.connections / 4));
  const places = new IncomingPlaces({ connections: options.connections - unnamed, unnamed });
  const arrivals = new RateByAddress(arrivalRates);
  const keyExchanges = new RateByAddress(keyExchangeRates);
  const timer = setInterval(() => places.look(), lookMs).unref();

  const accept = (socket: Socket) => {
    socket.on('error', () => {});
    const { remoteAddress } = socket;
    const isWelcome = remoteAddress !== undefined && banList.remainingMs(remoteAddress) === 0;
    const address = isWelcome ? strangerKey(remoteAddress) : undefined;
    if (!isWelcome || !arrivals.take(address)) {
      socket.destroy();
      return;
    }
    // A message is several writes; waiting for an acknowledgement between them costs 40 ms each.
    socket.setNoDelay(true);
    // Takes plaintext as well: the library looks at the first 20 bytes.
    const peer = Peer.createTCPIncomingPeer(socket, client.throttleGroups, 1);
    const { wire } = peer;
    if (wire === null) return;
    wire.once('garbage', () => banList.sentGarbage(remoteAddress));
    guardKeyExchange(wire, () => keyExchanges.take(address));
    const dialled: Dialled = {
      address,
      get blockBytes() {
        return wire.uploaded + wire.downloaded;
      },
      get isWaiting() {
        return wire.peerInterested && wire.amChoking;
      },
      close: () => peer.destroy(),
    };
    const deadline = setTimeout(dialled.close, incomingLimits.handshakeMs).unref();
    socket.once('close', () => {
      clearTimeout(deadline);
      places.left(dialled);
      // Two machines that share a thousand small torrents are done with each in no time.
      if (dialled.blockBytes > 0) arrivals.giveBack(address);
    });
    admit(peer, {
      hasPlace: (infoHash) => places.named(dialled, infoHash),
      onAdmitted: () => {
        places.shookHands(dialled);
        clearTimeout(deadline);
      },
    });
    places.arrived(dialled);
  };

  const admit = (
    peer: Peer,
    on: { readonly hasPlace: (infoHash: string) => boolean; readonly onAdmitted: () => void },
  ) => {
    const { wire } = peer;
    if (wire === null) return;
    const assign = (open: OpenTorrent | undefined) => {
      if (peer.swarm !== null) return true;
      if (open === undefined || !on.hasPlace(open.infoHash)) {
        peer.destroy();
        return false;
      }
      const torrent = open.wake();
      peer.swarm = torrent;
      replaceHandshake(peer, torrent, { clientPeerId: client.peerId, dht: open.dht });
      addIncomingPeer(torrent, peer);
      return !peer.destroyed;
    };
    wire.once('crypto-infohash', (hiddenHash: string) => {
      const open = byHiddenHash.get(hiddenHash);
      if (assign(open) && open !== undefined) wire.setInfoHash(open.infoHash);
    });
    wire.once('handshake', (infoHash: string, peerId: string) => {
      const isAssigned = peer.swarm !== null;
      if (!assign(byInfoHash.get(infoHash))) return;
      on.onAdmitted();
      // One assigned by an encrypted handshake has met the library's own listener already.
      if (!isAssigned) peer.onHandshake(infoHash, peerId);
    });
  };

  onIncoming(client, accept);

  return {
    open(torrent) {
      const { infoHash } = torrent;
      const hiddenHash = createHash('sha1')
        .update('req2')
        .update(Buffer.from(infoHash, 'hex'))
        .digest('hex');
      byInfoHash.set(infoHash, torrent);
      byHiddenHash.set(hiddenHash, torrent);
      return () => {
        byInfoHash.delete(infoHash);
        byHiddenHash.delete(hiddenHash);
      };
    },
    close() {
      clearInterval(timer);
      places.closeUnnamed();
    },
  };
}
