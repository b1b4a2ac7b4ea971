// The connections of webtorrent's torrents: made and taken by src/engine/peers, kept by webtorrent, their bytes moved by
// src/engine/data-path.
import type { Socket } from 'node:net';
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import Peer from 'webtorrent/lib/peer.js';
import { Connection } from '../data-path/connection.js';

/** Where the blocks of a client's peers go. Its throttle groups are what a peer shows of its client. */
const memoryOf = new WeakMap<object, Uint8Array>();

Peer.prototype.setThrottlePipes = function () {
  const { conn, wire } = this;
  const memory = memoryOf.get(this.throttleGroups);
  if (conn === null || wire === null || memory === undefined) throw new Error('no peer of ours');
  new Connection(this, conn, wire, memory);
};

/** The bytes of this client's peers go our way, their blocks to `memory`. */
export function moveBytesOf(client: WebTorrent, memory: Uint8Array): void {
  memoryOf.set(client.throttleGroups, memory);
}

/** Peers that have been dialled, or have shown which torrent they want, are `torrent`'s until they close. */
export function registerPeer(torrent: Torrent, peer: Peer): void {
  torrent._registerPeer(peer);
}

export function addIncomingPeer(torrent: Torrent, peer: Peer): void {
  torrent._addIncomingPeer(peer);
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
