// What an attacker says to a peer, in bytes (BEP 3, 6, 10).
import { randomBytes } from 'node:crypto';

export function handshakeOf(infoHash) {
  return Buffer.concat([
    Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\x04', 'latin1'),
    Buffer.from(infoHash, 'hex'),
    randomBytes(20),
  ]);
}

export function numbers(...values) {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

export function message(id, ...payload) {
  const body = Buffer.concat([Buffer.of(id), ...payload]);
  return Buffer.concat([numbers(body.length), body]);
}

/** A message of an extension; 0 is the handshake of extensions. */
export function extended(id, ...payload) {
  return message(20, Buffer.of(id), ...payload.map((each) => Buffer.from(each, 'latin1')));
}
