// Takes from a peer only pieces that exist: the library writes down whatever number it is told.
import type Wire from 'bittorrent-protocol';
import { hangUp } from './harden-wire.js';

/** Hangs up on a peer that claims a piece beyond the last, or sends a bitfield of another size (BEP 3). */
export function guardPieces(wire: Wire, pieceCount: number): void {
  const { _onHave: onHave, _onBitField: onBitField } = wire;
  wire._onHave = (index) => {
    if (index >= 0 && index < pieceCount) onHave.call(wire, index);
    else hangUp(wire);
  };
  wire._onBitField = (bytes) => {
    // A copy: what is parsed is a view of a larger buffer.
    if (bytes.length === Math.ceil(pieceCount / 8)) onBitField.call(wire, bytes.slice());
    else hangUp(wire);
  };
}
