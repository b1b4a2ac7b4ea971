// Peers as trackers write them down, runs of 6 bytes (BEP 23, BEP 15) or of 18 (BEP 7), turned into `host:port`.
import { isIPv6, SocketAddress } from 'node:net';
import { toPeerAddress } from '../../../net/peer-address.js';

/** 4 bytes of address, 2 of port each. A torn last one is left out, and so is port 0. */
export function readIpv4Peers(bytes: Uint8Array): readonly string[] {
  return readPeers(bytes, 6, (address) => address.join('.'));
}

/** 16 bytes of address, 2 of port each. */
export function readIpv6Peers(bytes: Uint8Array): readonly string[] {
  return readPeers(bytes, 18, (address) => address.toString('hex').replace(/....(?=.)/g, '$&:'));
}

function readPeers(
  bytes: Uint8Array,
  sizeBytes: number,
  addressOf: (bytes: Buffer) => string,
): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(buffer.length / sizeBytes) }, (_, index) => {
    const peer = buffer.subarray(index * sizeBytes, (index + 1) * sizeBytes);
    const port = peer.readUInt16BE(sizeBytes - 2);
    return peerAddress(addressOf(peer.subarray(0, -2)), port) ?? [];
  }).flat();
}

/** `host:port` in the one way of writing it, or undefined where no peer can have that address. */
export function peerAddress(ip: string, port: number): string | undefined {
  if (ip.includes('%')) return undefined;
  const host = isIPv6(ip) ? new SocketAddress({ address: ip, family: 'ipv6' }).address : ip;
  return toPeerAddress(host, port)?.text;
}
