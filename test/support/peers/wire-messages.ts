// The peer wire protocol (BEP 3, 6, 10) in bytes, for peers made by hand: what is right, and whatever else they want to say.
import { randomBytes } from 'node:crypto';

export const handshakeBytes = 68;

export const messageIds = {
  unchoke: 1,
  interested: 2,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  haveAll: 14,
  haveNone: 15,
  extended: 20,
} as const;

/** The reserved bits of a handshake, in hex: what a peer is able to do. */
export const abilities = {
  none: '0000000000000000',
  extensions: '0000000000100000',
  extensionsAndFast: '0000000000100004',
  all: '0000000000100005',
} as const;

/** A peer id of text is filled up with dashes. */
export function handshake(
  infoHash: string,
  peerId: Uint8Array | string = randomBytes(20),
  reserved: string = abilities.extensions,
): Buffer {
  return Buffer.concat([
    Buffer.from('\x13BitTorrent protocol', 'latin1'),
    Buffer.from(reserved, 'hex'),
    Buffer.from(infoHash, 'hex'),
    typeof peerId === 'string'
      ? Buffer.from(peerId.padEnd(20, '-').slice(0, 20), 'latin1')
      : peerId,
  ]);
}

/** In four bytes each. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

/** A message's body with its length before it. */
export function framed(body: Uint8Array): Buffer {
  return Buffer.concat([numbers(body.length), body]);
}

type Payload = Uint8Array | string | readonly number[];

/** The body of a message. */
export function bodyOf(id: number, ...payload: readonly Payload[]): Buffer {
  return Buffer.concat([Buffer.of(id), ...payload.map(bytesOf)]);
}

export function message(id: number, ...payload: readonly Payload[]): Buffer {
  return framed(bodyOf(id, ...payload));
}

export const keepAlive = new Uint8Array(4);

/** A message of an extension; 0 is the handshake of extensions (BEP 10). */
export function extended(id: number, payload: Payload): Buffer {
  return message(messageIds.extended, Buffer.of(id), payload);
}

export interface BlockRequest {
  readonly index: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** The request in a message's body, if it is one. */
export function requestIn(body: Buffer): BlockRequest | undefined {
  if (body.length !== 13 || body.readUInt8(0) !== messageIds.request) return undefined;
  const [index, offset] = [body.readUInt32BE(1), body.readUInt32BE(5)];
  return { index, offset, lengthBytes: body.readUInt32BE(9) };
}

export function blockOf({ index, offset }: Omit<BlockRequest, 'lengthBytes'>, block: Uint8Array) {
  return message(messageIds.piece, [index, offset], block);
}

/** The bitfield of a peer that has every piece. */
export function fullBitfield(pieceCount: number): Buffer {
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8), 0xff);
  bits.writeUInt8((0xff << (8 * bits.length - pieceCount)) & 0xff, bits.length - 1);
  return message(messageIds.bitfield, bits);
}

/** Text is latin1; a number takes four bytes. */
function bytesOf(payload: Payload): Uint8Array {
  if (typeof payload === 'string') return Buffer.from(payload, 'latin1');
  return payload instanceof Uint8Array ? payload : numbers(...payload);
}
