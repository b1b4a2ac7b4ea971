// Peer discovery of one torrent: how peers find us and we find them. Listens, dials, announces to trackers and DHT. Knows
// nothing of pieces.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import type { Reach } from '../../machines/types.js';
import type { HelperError } from '../errors.js';
import { isLoopback } from '../net/ip-address.js';
import { toPeerAddress } from '../net/peer-address.js';
import { resolveHost } from '../net/resolve-host.js';
import type { Sender } from './data-path/pieces/block-source.js';
import { announcedQueueLength } from './data-path/upload/upload.js';
import { connectionOf } from './data-path/wire/connection.js';
import { createDialer } from './dialling/dialer.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { findNamedPeers } from './named-peers.js';
import { dropDuplicate } from './peers/drop-duplicate.js';
import type { AnnouncedProgress } from './trackers/announce-sender.js';
import { startTrackerClient } from './trackers/tracker-client.js';
import { onExchangedPeers } from './webtorrent/extensions.js';

/** A download without peers asks its trackers again so often, as far as they allow. */
const noPeersIntervalMs = 10_000;

export interface PeerDiscoveryOptions {
  readonly isPrivate: boolean;
  readonly trackers: readonly (readonly string[])[];
  readonly reach?: Reach | undefined;
  readonly trustedTrackers?: readonly string[] | undefined;
  readonly peers: readonly string[];
  readonly progress: () => AnnouncedProgress;
  /** Whether nothing is left to be fetched. */
  readonly isComplete: () => boolean;
  readonly onAnnounced: (tracker: string) => void;
  readonly onWarning: (error: HelperError) => void;
}

export interface PeerDiscovery {
  /** The download is complete: tells the trackers. */
  completed(): void;
  /** What we have has changed otherwise, or there are no peers: announces again soon. */
  announceAgain(): void;
  /** We hung up, and not for good: dials it a little later, if it has said where it listens. */
  meetAgain(peer: Sender): void;
  /** Dials, listens and looks no more, and tells the trackers so (at most 2 s). Never rejects. */
  stop(): Promise<void>;
}

/** `torrent` must be parsed, and have no connection yet. */
export function startPeerDiscovery(
  engine: EngineDependencies,
  torrent: Torrent,
  options: PeerDiscoveryOptions,
): PeerDiscovery {
  const { client, peerPort, port, ownAddresses, banList } = engine;
  const { isComplete } = options;
  const dht = options.isPrivate ? undefined : engine.dht;
  const dialer = createDialer({
    client,
    torrent,
    slots: engine.dialSlots,
    addresses: engine.dialledAddresses,
    ownAddresses,
    banList,
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

  const shut = port.open(torrent, { dht: dht !== undefined });
  const trackerClient = startTrackerClient({
    infoHash: torrent.infoHash,
    peerId: Buffer.from(client.peerId, 'hex'),
    port: peerPort,
    ip: isLoopback(engine.options.host) ? undefined : engine.options.host,
    tiers: options.trackers,
    reach: options.reach,
    trustedTrackers: options.trustedTrackers,
    progress: options.progress,
    hasNobody: () => !isComplete() && torrent.wires.length === 0 && !dialer.hasCandidates,
    onPeers: (peers, from) => {
      for (const peer of peers) dialer.add(peer, { kind: 'tracker', from });
    },
    onAccepted: options.onAnnounced,
    onWarning: options.onWarning,
    agent: engine.agent,
  });
  const search = dht?.search(torrent.infoHash, peerPort, (peer, from) =>
    dialer.add(peer, { kind: 'dht', from }),
  );
  const askAgain = () => {
    if (isComplete()) clearInterval(timer);
    else if (torrent.wires.length === 0) trackerClient.wantPeers();
  };
  // None for those who have everything: there may be thousands.
  const timer = isComplete() ? undefined : setInterval(askAgain, noPeersIntervalMs).unref();
  const addPeer = (peer: string) => dialer.add(peer, { kind: 'user' });
  for (const peer of options.peers) addPeer(peer);
  const named = findNamedPeers({
    peers: options.peers,
    reach: options.reach,
    resolve: engine.agent.resolve ?? resolveHost,
    onPeer: addPeer,
    onWarning: options.onWarning,
  });

  return {
    completed: () => trackerClient.completed(),
    announceAgain: () => trackerClient.wantPeers(),
    meetAgain({ host, port }) {
      const address = host === undefined ? undefined : toPeerAddress(host, port ?? 0);
      if (address !== undefined) dialer.add(address.text, { kind: 'exchange', from: host });
    },
    stop() {
      clearInterval(timer);
      shut();
      named.stop();
      dialer.stop();
      search?.stop();
      return trackerClient.stop();
    },
  };
}
