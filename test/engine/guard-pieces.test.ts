import Wire from 'bittorrent-protocol';
import { describe, expect, it } from 'vitest';
import { guardPieces } from '../../src/engine/guard-pieces.js';

/** Whether a peer of a torrent of five pieces is hung up on after this. */
function isHungUpOn(said: (wire: Wire) => void): boolean {
  const wire = new Wire();
  wire.on('error', () => {});
  Object.defineProperty(wire, 'hasFast', { value: true });
  guardPieces(wire, 5);
  let isGarbage = false;
  wire.on('garbage', () => {
    isGarbage = true;
  });
  said(wire);
  return isGarbage;
}

describe('guardPieces', () => {
  it.each([0, 4])('lets a peer have, and offer, piece %i of five', (index) => {
    expect(isHungUpOn((wire) => wire._onHave(index))).toBe(false);
    expect(isHungUpOn((wire) => wire._onAllowedFast(index))).toBe(false);
  });

  it.each([5, 2 ** 31 - 1, -1, Number.NaN])('hangs up on a peer with a piece %d', (index) => {
    expect(isHungUpOn((wire) => wire._onHave(index))).toBe(true);
    expect(isHungUpOn((wire) => wire._onAllowedFast(index))).toBe(true);
  });

  it('lets a peer send its bitfield as often as aria2 does, and not for ever', () => {
    const times = (count: number) => (wire: Wire) => {
      for (let time = 0; time < count; time += 1) wire._onBitField(Uint8Array.of(0));
    };
    expect(isHungUpOn(times(72))).toBe(false);
    expect(isHungUpOn(times(201))).toBe(true);
  });
});
