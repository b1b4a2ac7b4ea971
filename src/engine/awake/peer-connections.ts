// The connections of one torrent that is awake: those who dial us, and those whom we dial. Knows nothing of pieces, nor of who
// names peers.
import type Wire from 'bittorrent-protocol';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import type { OwnAddresses } from '../../net/own-addresses.js';
import { toPeerAddress } from '../../net/peer-address.js';
import type { Sender } from '../data-path/pieces/block-source.js';
import { announcedQueueLength } from '../data-path/upload/upload.js';
import { connectionOf } from '../data-path/wire/connection.js';
import type { DialSlots } from '../dialling/contender.js';
import { createDialer } from '../dialling/dialer.js';
import type { DialledAddresses } from '../dialling/dialled-addresses.js';
import type { PeerSource } from '../dialling/known-peers/peer-source.js';
import type { SatedPeers } from '../dialling/known-peers/sated-peers.js';
import type { BanList } from '../peers/ban-list.js';
import type { Dht } from '../peers/dht.js';
import { dropDuplicate } from '../peers/drop-duplicate.js';
import { onExchangedPeers } from '../webtorrent/extensions.js';
import { peerCount } from '../webtorrent/torrent-peers.js';

/** What all torrents share. */
export interface ConnectionDependencies {
  readonly client: WebTorrent;
  readonly peerPort: number;
  readonly dialSlots: DialSlots;
  readonly dialledAddresses: DialledAddresses;
  readonly ownAddresses: OwnAddresses;
  readonly banList: BanList;
}

export interface PeerConnectionsOptions {
  /** Undefined where this torrent has nothing to do with it. */
  readonly dht: Dht | undefined;
  readonly sated: SatedPeers;
  /** Whether nothing is left to be fetched. */
  readonly isComplete: () => boolean;
}

export interface PeerConnections {
  readonly torrent: Torrent;
  /** Whether a peer is connected, its handshake over. */
  readonly hasPeers: boolean;
  /** Whether somebody is left to be dialled, or is being dialled, who has not failed. */
  readonly hasCandidates: boolean;
  /** Nobody is connected, or about to be, and nobody is left to be dialled, be it later. */
  readonly isIdle: boolean;
  /** Makes a peer known, `host:port`, unless it is not for `source` to name. */
  add(address: string, source: PeerSource): void;
  /** We hung up, and not for good: dials it a little later, if it has said where it listens. */
  meetAgain(peer: Sender): void;
  /** Dials no more. Connections stay. */
  stop(): void;
}

/** `torrent` must have no connection yet. */
export function openPeerConnections(
  dependencies: ConnectionDependencies,
  torrent: Torrent,
  { dht, sated, isComplete }: PeerConnectionsOptions,
): PeerConnections {
  const { client, peerPort, ownAddresses, banList } = dependencies;
  const dialer = createDialer({
    client,
    torrent,
    slots: dependencies.dialSlots,
    addresses: dependencies.dialledAddresses,
    ownAddresses,
    banList,
    sated,
    isComplete,
    dht: dht !== undefined,
  });

  torrent.on('wire', (wire: Wire) => {
    connectionOf(wire)?.assign(torrent.infoHash);
    wire.extendedHandshake.p = peerPort;
    wire.extendedHandshake.reqq = announcedQueueLength;
    wire.extendedHandshake.v = 'bittorrent-helper';
    dropDuplicate(wire, torrent, client.peerId);
    const { remoteAddress } = wire;
    if (remoteAddress === undefined) return;
    wire.once('port', (nodePort: number) => dht?.addNode(remoteAddress, nodePort));
    onExchangedPeers(wire, (peer) => dialer.add(peer, { kind: 'exchange', from: remoteAddress }));
    if (!wire.type.endsWith('Incoming')) return;
    wire.once('extended', () => {
      const address = toPeerAddress(remoteAddress, Number(wire.peerExtendedHandshake.p));
      if (address === undefined) return;
      const incoming = dialer.hasDialledUs(address, wire.peerId ?? '');
      wire.once('close', () => incoming.disconnected());
    });
  });

  return {
    torrent,
    get hasPeers() {
      return torrent.wires.length > 0;
    },
    get hasCandidates() {
      return dialer.hasCandidates;
    },
    get isIdle() {
      return peerCount(torrent) === 0 && !dialer.knowsAnybody;
    },
    add: (address, source) => dialer.add(address, source),
    meetAgain({ host, port }) {
      const address = host === undefined ? undefined : toPeerAddress(host, port ?? 0);
      if (address !== undefined) dialer.add(address.text, { kind: 'exchange', from: host });
    },
    stop: () => dialer.stop(),
  };
}
