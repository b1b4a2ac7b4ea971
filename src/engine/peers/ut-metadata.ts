// Metadata between peers (BEP 9), one exchange a connection: answers those who ask when we have the info dictionary,
// fetches it when we have not. Trusts nothing: sizes and piece numbers are bounded, the SHA-1 decides.
import { createHash } from 'node:crypto';
import type Wire from 'bittorrent-protocol';
import { connectionOf } from '../data-path/wire/connection.js';

const pieceBytes = 16 * 1024;
const largestMetadataBytes = 32 * 2 ** 20;
const requestsAtOnce = 8;
const unsentBytesEnough = 512 * 1024;
const largestHeaderBytes = 1024;

export interface MetadataWanted {
  readonly infoHash: string;
  onFound(info: Uint8Array): void;
}

/** Serves `info` on `wire`. Must run while webtorrent sets the connection up, before any message is read. */
export function offerMetadata(wire: Wire, info: Uint8Array): void {
  wire.extendedHandshake.metadata_size = info.length;
  const connection = connectionOf(wire);
  const asked: number[] = [];
  const answer = (piece: number) => {
    const start = piece * pieceBytes;
    if (start >= info.length) return send(wire, `d8:msg_typei2e5:piecei${piece}ee`);
    const header = `d8:msg_typei1e5:piecei${piece}e10:total_sizei${info.length}ee`;
    send(wire, header, info.subarray(start, start + pieceBytes));
  };
  const answerMore = () => {
    while (connection !== undefined && connection.unsentBytes < unsentBytesEnough) {
      const piece = asked.shift();
      if (piece === undefined) return;
      answer(piece);
    }
  };
  replaceExtension(wire, {
    onPeerReady: () => {},
    onMessage: ({ kind, piece }) => {
      if (kind !== 'request') return;
      // Some ask for everything at once: it is sent as fast as they take it.
      asked.push(piece);
      if (asked.length > largestMetadataBytes / pieceBytes) connection?.hangUp();
      else answerMore();
    },
  });
  connection?.onDrain(answerMore);
}

/** Fetches the info dictionary from the peer at the other end of `wire`, if it has one; asks each piece once. */
export function requestMetadata(wire: Wire, { infoHash, onFound }: MetadataWanted): void {
  let sizeBytes = 0;
  let asked = 0;
  const got = new Map<number, Uint8Array>();
  const askMore = () => {
    while (asked * pieceBytes < sizeBytes && asked - got.size < requestsAtOnce) {
      send(wire, `d8:msg_typei0e5:piecei${asked}ee`);
      asked += 1;
    }
  };
  replaceExtension(wire, {
    onPeerReady: (handshake) => {
      const size = handshake.metadata_size;
      if (sizeBytes > 0 || typeof size !== 'number' || !Number.isInteger(size)) return;
      if (size <= 0 || size > largestMetadataBytes) return;
      sizeBytes = size;
      askMore();
    },
    onMessage: ({ kind, piece, bytes }) => {
      if (kind === 'request') return send(wire, `d8:msg_typei2e5:piecei${piece}ee`);
      if (kind === 'reject' || piece >= asked || got.has(piece)) return;
      if (bytes.length !== Math.min(pieceBytes, sizeBytes - piece * pieceBytes)) return;
      got.set(piece, bytes.slice());
      if (got.size * pieceBytes < sizeBytes) return askMore();
      const info = Buffer.concat(
        [...got.keys()].sort((a, b) => a - b).map((key) => got.get(key) ?? Buffer.of()),
      );
      got.clear();
      asked = 0;
      if (createHash('sha1').update(info).digest('hex') === infoHash) onFound(info);
      else wire.destroy();
    },
  });
}

interface Exchange {
  onPeerReady(handshake: Record<string, unknown>): void;
  onMessage(message: Message): void;
}

interface Message {
  readonly kind: 'request' | 'data' | 'reject';
  readonly piece: number;
  readonly bytes: Uint8Array;
}

/** webtorrent has registered its own extension by now; its name and number stay, what it does is ours. */
function replaceExtension(wire: Wire, exchange: Exchange): void {
  const extension = wire.ut_metadata;
  extension.cancel();
  extension.onExtendedHandshake = (handshake) => exchange.onPeerReady(handshake);
  extension.onMessage = (payload) => {
    const message = readMessage(payload);
    if (message !== undefined) exchange.onMessage(message);
  };
  extension.setMetadata = () => {};
}

function send(wire: Wire, header: string, bytes?: Uint8Array): void {
  // A peer that never named the extension in its handshake has no number for it.
  if (!Number.isInteger(wire.peerExtendedMapping.ut_metadata)) return;
  const head = Buffer.from(header, 'latin1');
  wire.extended('ut_metadata', bytes === undefined ? head : Buffer.concat([head, bytes]));
}

const kinds = ['request', 'data', 'reject'] as const;

/** A flat dictionary of whole numbers, then the bytes; anything else is undefined. */
function readMessage(payload: Uint8Array): Message | undefined {
  const head = Buffer.from(payload.subarray(0, largestHeaderBytes)).toString('latin1');
  const match = /^d(?:\d{1,3}:[a-z_]+i\d{1,10}e)*e/.exec(head);
  if (match === null) return undefined;
  const field = (name: string) => {
    const found = new RegExp(`${name.length}:${name}i(\\d+)e`).exec(match[0]);
    return found === null ? undefined : Number(found[1]);
  };
  const kind = kinds[field('msg_type') ?? -1];
  const piece = field('piece');
  if (kind === undefined || piece === undefined) return undefined;
  return { kind, piece, bytes: payload.subarray(match[0].length) };
}
