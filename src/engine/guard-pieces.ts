// Takes from a peer only pieces that exist and blocks that were asked for: the library writes down whatever number it is
// told, and counts whatever it is sent.
import type Wire from 'bittorrent-protocol';
import { hangUp } from './harden-wire.js';

/**
 * aria2 sends a bitfield again where that is shorter than to say what is new: some 70 times while it downloads a torrent.
 * Each costs a look at all pieces.
 */
const bitfieldWindowMs = 10_000;
const mostBitfields = 200;
const leastBitfields = 20;
const mostPiecesLookedAt = 20_000_000;
/** Blocks may cross with our cancelling them. */
const mostUnaskedBytes = 16 * 2 ** 20;

/**
 * Hangs up on a peer that claims or offers a piece beyond the last, sends a bitfield of another size (BEP 3) or too many of them,
 * or sends much that nobody asked for.
 */
export function guardPieces(wire: Wire, pieceCount: number): void {
  const { _onHave: onHave, _onBitField: onBitField, _onPiece: onPiece } = wire;
  const { _onHaveAll: onHaveAll, _onHaveNone: onHaveNone, _onAllowedFast: onAllowedFast } = wire;
  const exists = (index: number) => index >= 0 && index < pieceCount;
  const enough = Math.max(leastBitfields, Math.min(mostBitfields, mostPiecesLookedAt / pieceCount));
  let bitfields = 0;
  let windowEndsAtMs = 0;
  let unaskedBytes = 0;
  const onceMore = (deed: () => void) => {
    const nowMs = performance.now();
    if (nowMs >= windowEndsAtMs) {
      bitfields = 0;
      windowEndsAtMs = nowMs + bitfieldWindowMs;
    }
    bitfields += 1;
    if (bitfields <= enough) deed();
    else hangUp(wire);
  };
  wire._onHave = (index) => {
    if (exists(index)) onHave.call(wire, index);
    else hangUp(wire);
  };
  // It would be asked for, as one of those that are given without being unchoked (BEP 6).
  wire._onAllowedFast = (index) => {
    if (exists(index)) onAllowedFast.call(wire, index);
    else hangUp(wire);
  };
  wire._onBitField = (bytes) => {
    // A copy: what is parsed is a view of a larger buffer.
    if (bytes.length !== Math.ceil(pieceCount / 8)) return hangUp(wire);
    onceMore(() => onBitField.call(wire, bytes.slice()));
  };
  wire._onHaveAll = () => onceMore(() => onHaveAll.call(wire));
  wire._onHaveNone = () => onceMore(() => onHaveNone.call(wire));
  wire._onPiece = (index, offset, block) => {
    const isAsked = wire.requests.some(
      (request) =>
        request.piece === index && request.offset === offset && request.length === block.length,
    );
    if (isAsked) return onPiece.call(wire, index, offset, block);
    unaskedBytes += block.length;
    if (unaskedBytes > mostUnaskedBytes) hangUp(wire);
  };
}
