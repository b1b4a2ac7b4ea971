// What each kind of message costs of the work budget, in units of some millionths of a second of a slow machine's time.
// Dear is what there is little of in an honest peer's words, so that nobody is held up who means well.
import { messageId } from '../../webtorrent/wire-messages.js';

const leastReadCost = 4;
const readBytesAUnit = 400;
export const keepAliveCost = 1;
/** There are as many as pieces, and who downloads at full speed says thousands a second. */
export const haveCost = 0.25;
export const requestCost = 10;
/** Of what is sent in answer, too. */
export const metadataRequestCost = 60;

const otherCost = 20;
/** Pieces that a unit looks at, where all of them are. */
const piecesAUnit = 100;
/** A choke has one look at all blocks of some pieces. */
const blocksAUnit = 100;
const piecesUnderWay = 3;
const extensionHandshakeCost = 200;
const peerExchangeCost = 100;
/** Bytes of an extension that a unit decodes. */
const extensionBytesAUnit = 32;

const costs: ReadonlyMap<number, number> = new Map([
  [messageId.cancel, 3],
  [messageId.reject, 3],
  // All that was asked for is asked of others.
  [messageId.choke, 50],
  [messageId.unchoke, 50],
  // The DHT's node there is asked something.
  [messageId.port, 200],
]);

/** Who sends byte by byte makes work, and who sends very many bytes. */
export function readCost(lengthBytes: number): number {
  return leastReadCost + lengthBytes / readBytesAUnit;
}

/** Of all but haves, requests, blocks and extensions. `content`: undefined as long as nobody wants pieces. */
export function messageCost(
  id: number,
  content: { readonly pieceCount: number; readonly blocksPerPiece: number } | undefined,
): number {
  const isOfAll =
    id === messageId.bitfield || id === messageId.haveAll || id === messageId.haveNone;
  if (isOfAll && content !== undefined) return otherCost + content.pieceCount / piecesAUnit;
  const cost = costs.get(id) ?? otherCost;
  if (id !== messageId.choke || content === undefined) return cost;
  return cost + Math.floor((piecesUnderWay * content.blocksPerPiece) / blocksAUnit);
}

/** `name`: undefined for one that is unknown here. */
export function extensionCost(
  extension: number,
  name: string | undefined,
  payloadBytes: number,
): number {
  const decoding = payloadBytes / extensionBytesAUnit;
  if (extension === 0) return extensionHandshakeCost + decoding;
  if (name === 'ut_pex') return peerExchangeCost + decoding;
  // A piece of metadata is merely kept.
  return otherCost + (name === 'ut_metadata' ? 0 : decoding);
}
