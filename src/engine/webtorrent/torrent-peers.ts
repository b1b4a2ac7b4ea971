// The connections of webtorrent's torrents: made and accepted by src/engine/peers, listed by webtorrent, their bytes moved
// by src/engine/data-path.
// Private: `_registerPeer`, `_addIncomingPeer`, `_peers` and the pool's `_onConnection`, the only ways to give a torrent
// peers that webtorrent has not dialled or accepted itself. Unnecessary once it has public ones.
import type { Socket } from 'node:net';
import type Wire from 'bittorrent-protocol';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import Peer from 'webtorrent/lib/peer.js';

/** Moves the bytes between a connected peer's socket and its wire. */
export type MoveBytes = (peer: Peer, socket: Socket, wire: Wire) => void;

/** By the throttle groups of a client, which are what a peer shows of its client. */
const moversOf = new WeakMap<object, MoveBytes>();

Peer.prototype.setThrottlePipes = function () {
  const { conn, wire } = this;
  const move = moversOf.get(this.throttleGroups);
  if (conn === null || wire === null || move === undefined) throw new Error('no peer of ours');
  move(this, conn, wire);
};

/** The bytes of this client's peers are moved by `move`, and not by webtorrent. */
export function moveBytesOf(client: WebTorrent, move: MoveBytes): void {
  moversOf.set(client.throttleGroups, move);
}

/** Peers that have been dialled, or have shown which torrent they want, are `torrent`'s until they close. */
export function registerPeer(torrent: Torrent, peer: Peer): void {
  torrent._registerPeer(peer);
}

export function addIncomingPeer(torrent: Torrent, peer: Peer): void {
  torrent._addIncomingPeer(peer);
}

/** Connections, and attempts at some. */
export function peerCount(torrent: Torrent): number {
  return torrent._peers.size;
}

/** Whether there is a connection, or an attempt at one, with this address, `host:port`. */
export function isRegistered(torrent: Torrent, address: string): boolean {
  return torrent._peers.has(address);
}

/** `onConnection` hears of everyone who connects to the peer port, instead of webtorrent. */
export function onIncoming(client: WebTorrent, onConnection: (socket: Socket) => void): void {
  const pool = client._connPool;
  if (pool !== null) pool._onConnection = onConnection;
}
