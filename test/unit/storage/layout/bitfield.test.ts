import { describe, expect, it } from 'vitest';
import {
  clearPiece,
  createBitfield,
  hasPiece,
  setPiece,
  verifiedBytes,
} from '../../../../src/storage/layout/bitfield.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

describe('a bitfield', () => {
  it('holds a bit a piece, the most significant first', () => {
    const bitfield = createBitfield(10);
    setPiece(bitfield, 0);
    setPiece(bitfield, 9);
    expect([...bitfield]).toEqual([0b1000_0000, 0b0100_0000]);
    expect([0, 1, 8, 9].map((index) => hasPiece(bitfield, index))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('lets a piece be taken back without touching its neighbours', () => {
    const bitfield = Uint8Array.of(0xff);
    clearPiece(bitfield, 3);
    expect([...bitfield]).toEqual([0b1110_1111]);
  });

  it('has no piece beyond its end', () => {
    expect(hasPiece(createBitfield(3), 800)).toBe(false);
  });

  it('counts the bytes of its pieces, the last one shorter, spare bits for nothing', () => {
    const { metainfo } = scratchTorrent(1000, [{ path: '', lengthBytes: 2300 }]);
    expect(verifiedBytes(metainfo, Uint8Array.of(0b1010_0000))).toBe(1300);
    expect(verifiedBytes(metainfo, Uint8Array.of(0xff))).toBe(2300);
    expect(verifiedBytes(metainfo, createBitfield(3))).toBe(0);
  });
});
