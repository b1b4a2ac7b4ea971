// One connection that we make, from the first packet to its end: when it is given up, and what came of it.
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import Peer from 'webtorrent/lib/peer.js';
import { connectionOf, connectToPeer } from '../data-path/wire/connection.js';
import { replaceHandshake } from '../peers/handshake.js';
import { registerPeer } from '../webtorrent/torrent-peers.js';
import type { KnownPeer } from './known-peers/known-peers.js';

const connectTimeoutMs = 5_000;
const handshakeTimeoutMs = 10_000;
/** With these nothing has left this machine. */
const ownFailures: ReadonlySet<string | undefined> = new Set([
  ...['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EACCES', 'EPERM'],
  ...['EMFILE', 'ENFILE', 'ENOBUFS'],
]);

export interface AttemptOptions {
  readonly client: WebTorrent;
  readonly torrent: Torrent;
  readonly dht: boolean;
}

export interface AttemptListener {
  onConnected(): void;
  /** A peer of this torrent is there, and not ourselves. */
  onHandshake(peerId: string): void;
  onGarbage(): void;
  onClosed(outcome: AttemptOutcome): void;
}

export interface AttemptOutcome {
  readonly hasConnected: boolean;
  readonly hasHandshake: boolean;
  /** Our own peer id was at the other end. */
  readonly isSelf: boolean;
  /** False where our own machine did not let us. */
  readonly wasSent: boolean;
  readonly wantsNothing: boolean;
  readonly payloadBytes: number;
  readonly lastedMs: number;
}

export interface Attempt {
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  hangUp(): void;
}

/** `listener` is called later, never before this returns. */
export function dialPeer(
  { address: { host, port, text }, security, source }: KnownPeer,
  { client, torrent, dht }: AttemptOptions,
  listener: AttemptListener,
): Attempt {
  const startedAtMs = performance.now();
  const socket = connectToPeer({ host, port });
  const secure = security === 'plaintext' ? 0 : 1;
  const peer = Peer.createTCPOutgoingPeer(
    text,
    torrent,
    client.throttleGroups,
    source.kind,
    secure,
  );
  let hasHandshake = false;
  let isSelf = false;
  let wasSent = true;
  let wire: Peer['wire'] = null;
  let deadline = setTimeout(() => peer.destroy(), connectTimeoutMs).unref();
  peer.conn = socket;
  replaceHandshake(peer, torrent, {
    clientPeerId: client.peerId,
    dht,
    onSelf: () => {
      isSelf = true;
    },
    onCompleted: () => {
      hasHandshake = true;
      clearTimeout(deadline);
      listener.onHandshake(peer.wire?.peerId ?? '');
    },
  });
  registerPeer(torrent, peer);
  socket.once('connect', () => {
    clearTimeout(deadline);
    deadline = setTimeout(() => peer.destroy(), handshakeTimeoutMs).unref();
    peer.onConnect();
    wire = peer.wire;
    wire?.once('garbage', () => listener.onGarbage());
    listener.onConnected();
  });
  socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (wire === null && ownFailures.has(code)) wasSent = false;
    peer.destroy();
  });
  socket.once('close', () => {
    clearTimeout(deadline);
    peer.destroy();
    listener.onClosed({
      hasConnected: wire !== null,
      hasHandshake,
      isSelf,
      wasSent,
      wantsNothing: wire !== null && (connectionOf(wire)?.wantsNothing ?? false),
      payloadBytes: wire === null ? 0 : wire.downloaded + wire.uploaded,
      lastedMs: performance.now() - startedAtMs,
    });
  });
  return {
    get downloadedBytes() {
      return wire?.downloaded ?? 0;
    },
    get uploadedBytes() {
      return wire?.uploaded ?? 0;
    },
    hangUp: () => peer.destroy(),
  };
}
