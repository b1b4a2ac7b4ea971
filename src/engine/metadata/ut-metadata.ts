// The messages of metadata between peers (BEP 9), one exchange a connection; and the side of it that has the info
// dictionary, and answers those who ask. Trusts nothing: sizes and piece numbers are bounded.
import type Wire from 'bittorrent-protocol';
import { metadataLimits } from '../../limits.js';
import { BencodeDictionary } from '../../metainfo/bencode-values.js';
import { decodeTolerantly } from '../../metainfo/decode-bencode.js';
import { connectionOf } from '../data-path/wire/connection.js';
import { metadataRequestCost } from '../data-path/wire/message-costs.js';

export const metadataPieceBytes = 16 * 1024;
const unsentBytesEnough = 512 * 1024;
const largestHeaderBytes = 1024;

export interface MetadataListener {
  /** By its handshake of extensions the peer speaks of metadata, in most cases. */
  onPeerReady(handshake: Record<string, unknown>): void;
  onMessage(message: MetadataMessage): void;
}

export interface MetadataMessage {
  readonly kind: 'request' | 'data' | 'reject';
  readonly piece: number;
  /** May be retained. */
  readonly bytes: Uint8Array;
}

/** Serves `info` on `wire`. Must run while webtorrent sets the connection up, before any message is read. */
export function offerMetadata(wire: Wire, info: Uint8Array): void {
  wire.extendedHandshake.metadata_size = info.length;
  const connection = connectionOf(wire);
  const asked: number[] = [];
  const answer = (piece: number) => {
    const start = piece * metadataPieceBytes;
    if (start >= info.length) return rejectMetadata(wire, piece);
    const header = `d8:msg_typei1e5:piecei${piece}e10:total_sizei${info.length}ee`;
    send(wire, header, info.subarray(start, start + metadataPieceBytes));
  };
  const answerMore = () => {
    while (connection !== undefined && connection.unsentBytes < unsentBytesEnough) {
      const piece = asked.shift();
      if (piece === undefined) return;
      answer(piece);
    }
  };
  listenForMetadata(wire, {
    onPeerReady: () => {},
    onMessage: ({ kind, piece }) => {
      if (kind !== 'request') return;
      connection?.charge(metadataRequestCost);
      // Some ask for everything at once: it is sent as fast as they take it.
      asked.push(piece);
      if (asked.length > metadataLimits.metadataBytes / metadataPieceBytes) connection?.hangUp();
      else answerMore();
    },
  });
  connection?.onDrain(answerMore);
}

/** webtorrent has registered its own extension by now; its name and number stay, what it does is ours. */
export function listenForMetadata(wire: Wire, listener: MetadataListener): void {
  const extension = wire.ut_metadata;
  extension.cancel();
  extension.onExtendedHandshake = (handshake) => listener.onPeerReady(handshake);
  extension.onMessage = (payload) => {
    const message = readMessage(payload);
    if (message !== undefined) listener.onMessage(message);
  };
  extension.setMetadata = () => {};
}

export function askForMetadata(wire: Wire, piece: number): void {
  send(wire, `d8:msg_typei0e5:piecei${piece}ee`);
}

export function rejectMetadata(wire: Wire, piece: number): void {
  send(wire, `d8:msg_typei2e5:piecei${piece}ee`);
}

function send(wire: Wire, header: string, bytes?: Uint8Array): void {
  // A peer that never named the extension in its handshake has no number for it.
  if (!Number.isInteger(wire.peerExtendedMapping.ut_metadata)) return;
  const head = Buffer.from(header, 'latin1');
  wire.extended('ut_metadata', bytes === undefined ? head : Buffer.concat([head, bytes]));
}

const kinds = ['request', 'data', 'reject'] as const;

/** A dictionary, then the bytes; anything else is undefined. */
function readMessage(payload: Uint8Array): MetadataMessage | undefined {
  try {
    const { value, end } = decodeTolerantly(payload.subarray(0, largestHeaderBytes), 'wire');
    if (!(value instanceof BencodeDictionary)) return undefined;
    const [kind, piece] = [value.get('msg_type'), value.get('piece')];
    const named = typeof kind === 'number' ? kinds[kind] : undefined;
    if (named === undefined || typeof piece !== 'number' || piece < 0) return undefined;
    return { kind: named, piece, bytes: payload.subarray(end) };
  } catch {
    return undefined;
  }
}
