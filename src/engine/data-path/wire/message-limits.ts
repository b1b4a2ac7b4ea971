// How long a message may be, and whether it can be true: what is not so ends the connection. Haves, requests and blocks
// are looked at elsewhere, and so is how many there may be.
import type Wire from 'bittorrent-protocol';
import { messageLimits } from '../../../limits.js';
import { messageId } from '../../webtorrent/wire-messages.js';
import { uint32At } from './parse.js';

/** Of a torrent whose metadata is still looked for: 8 million pieces. */
const mostBitfieldBytes = 2 ** 20;

const payloadBytesOf: ReadonlyMap<number, number> = new Map([
  [messageId.choke, 0],
  [messageId.unchoke, 0],
  [messageId.interested, 0],
  [messageId.uninterested, 0],
  [messageId.cancel, 12],
  [messageId.port, 2],
  [messageId.suggest, 4],
  [messageId.haveAll, 0],
  [messageId.haveNone, 0],
  [messageId.reject, 12],
  [messageId.allowedFast, 4],
]);

/** How long the payload of a message of this id may be. `pieceCount`: undefined as long as nobody wants pieces. */
export function mostPayloadBytesOf(id: number, pieceCount: number | undefined): number {
  if (id !== messageId.bitfield) return payloadBytesOf.get(id) ?? messageLimits.payloadBytes;
  return pieceCount === undefined ? mostBitfieldBytes : Math.ceil(pieceCount / 8);
}

type Abilities = Pick<Wire, 'hasFast' | 'extendedMapping'>;

/** Whether a peer of these abilities may say so. `pieceCount` as above. */
export function isPossible(
  wire: Abilities,
  id: number,
  payload: Uint8Array,
  pieceCount: number | undefined,
): boolean {
  switch (id) {
    case messageId.bitfield:
      return pieceCount === undefined || payload.length === Math.ceil(pieceCount / 8);
    case messageId.suggest:
    case messageId.haveAll:
    case messageId.haveNone:
    case messageId.reject:
      return hasLengthOf(id, payload) && wire.hasFast;
    case messageId.allowedFast: {
      const isFast = hasLengthOf(id, payload) && wire.hasFast;
      return isFast && (pieceCount === undefined || uint32At(payload, 0) < pieceCount);
    }
    case messageId.extended:
      return payload.length > 0 && isExtensionPossible(wire, payload[0] ?? 0, payload);
    default:
      return hasLengthOf(id, payload);
  }
}

function hasLengthOf(id: number, payload: Uint8Array): boolean {
  return payload.length === (payloadBytesOf.get(id) ?? payload.length);
}

/** Names of extensions are remembered for as long as the connection lasts, and peers of peer exchange too. */
function isExtensionPossible(
  { extendedMapping }: Abilities,
  extension: number,
  payload: Uint8Array,
): boolean {
  const isShort = extension === 0 || extendedMapping[extension] === 'ut_pex';
  return !isShort || payload.length <= messageLimits.namesBytes + 1;
}
