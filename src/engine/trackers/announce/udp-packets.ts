// The packets of the UDP tracker protocol (BEP 15, BEP 41), to bytes and back. Pure: no socket, no clock.
import { isIPv4 } from 'node:net';
import { quote } from '../../../metainfo/quote.js';
import {
  type AnnounceAnswer,
  type AnnounceEvent,
  type AnnounceRequest,
  clampInterval,
  leftToAnnounce,
} from './announce-request.js';
import { readIpv4Peers, readIpv6Peers } from './peer-lists.js';
import { refusal, trackerError } from './tracker-error.js';

const protocolId = 0x41727101980n;
const actions = { connect: 0, announce: 1, error: 3 } as const;
const events: Readonly<Record<AnnounceEvent, number>> = { completed: 1, started: 2, stopped: 3 };

const headerBytes = 8;

export function connectPacket(transactionId: number): Buffer {
  const packet = Buffer.alloc(16);
  packet.writeBigUInt64BE(protocolId, 0);
  packet.writeUInt32BE(actions.connect, 8);
  packet.writeUInt32BE(transactionId, 12);
  return packet;
}

/** `connectionId`: the 8 bytes of the connect answer. */
export function announcePacket(
  url: URL,
  request: AnnounceRequest,
  connectionId: Uint8Array,
  transactionId: number,
): Buffer {
  const packet = Buffer.alloc(98);
  packet.set(connectionId, 0);
  packet.writeUInt32BE(actions.announce, 8);
  packet.writeUInt32BE(transactionId, 12);
  packet.set(Buffer.from(request.infoHash, 'hex'), 16);
  packet.set(request.peerId, 36);
  packet.writeBigUInt64BE(BigInt(request.downloadedBytes), 56);
  packet.writeBigUInt64BE(BigInt(leftToAnnounce(request)), 64);
  packet.writeBigUInt64BE(BigInt(request.uploadedBytes), 72);
  packet.writeUInt32BE(request.event === undefined ? 0 : events[request.event], 80);
  packet.set(ipField(request.ip), 84);
  packet.set(Buffer.from(request.key, 'hex'), 88);
  packet.writeInt32BE(request.numWant, 92);
  packet.writeUInt16BE(request.port, 96);
  return Buffer.concat([packet, ...urlOptions(url)]);
}

/** Four bytes; noughts where the tracker is to take the address it sees. */
function ipField(ip: string | undefined): readonly number[] {
  return ip !== undefined && isIPv4(ip) ? ip.split('.').map(Number) : [];
}

/** Path and query as BEP 41 has it, for they may hold a passkey; nothing for the usual `/announce`. */
function urlOptions({ pathname, search }: URL): readonly Buffer[] {
  const said = Buffer.from(`${pathname}${search}`);
  if (search === '' && ['', '/', '/announce'].includes(pathname)) return [];
  const urlData = 2;
  return Array.from({ length: Math.ceil(said.length / 255) }, (_, index) => {
    const part = said.subarray(index * 255, (index + 1) * 255);
    return Buffer.concat([Buffer.of(urlData, part.length), part]);
  });
}

/** Whether a packet from the tracker's address is the answer to that transaction, be it good or bad. */
export function answersTo(packet: Buffer, transactionId: number): boolean {
  return packet.length >= headerBytes && packet.readUInt32BE(4) === transactionId;
}

/** The connection id, 8 bytes. Throws TRACKER_UNREACHABLE. */
export function readConnectAnswer(tracker: string, packet: Buffer): Uint8Array {
  return body(tracker, packet, actions.connect, 8).subarray(0, 8);
}

/** Throws TRACKER_UNREACHABLE. */
export function readAnnounceAnswer(
  tracker: string,
  packet: Buffer,
  family: 'IPv4' | 'IPv6',
): AnnounceAnswer {
  const answer = body(tracker, packet, actions.announce, 12);
  // After the interval stand the numbers of leechers and seeders, which nobody asked for.
  const peers = answer.subarray(12);
  return {
    intervalMs: clampInterval(answer.readInt32BE(0)),
    peers: [...new Set(family === 'IPv6' ? readIpv6Peers(peers) : readIpv4Peers(peers))],
  };
}

function body(tracker: string, packet: Buffer, action: number, atLeastBytes: number): Buffer {
  const said = packet.subarray(headerBytes);
  const answered = packet.readUInt32BE(0);
  if (answered === actions.error) {
    throw refusal(tracker, `refused the announce: ${quote(said.toString())}`);
  }
  if (answered !== action || said.length < atLeastBytes) {
    throw trackerError(tracker, 'answered with a malformed packet');
  }
  return said;
}
