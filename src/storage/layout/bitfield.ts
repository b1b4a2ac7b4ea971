// Which pieces one has, a bit each, the most significant first (BEP 3). Pure; spare bits at the end stay zero.
import type { Metainfo } from '../../metainfo/metainfo.js';

/** A bitfield of `pieceCount` pieces, none of them there. */
export function createBitfield(pieceCount: number): Uint8Array {
  return new Uint8Array(Math.ceil(pieceCount / 8));
}

/** A bitfield of `pieceCount` pieces, all of them there. */
export function everyPiece(pieceCount: number): Uint8Array {
  const bitfield = createBitfield(pieceCount).fill(0xff);
  for (let spare = pieceCount; spare < bitfield.length * 8; spare++) clearPiece(bitfield, spare);
  return bitfield;
}

export function hasPiece(bitfield: Uint8Array, index: number): boolean {
  return ((bitfield[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}

export function setPiece(bitfield: Uint8Array, index: number): void {
  bitfield[index >> 3] = (bitfield[index >> 3] ?? 0) | (0x80 >> (index & 7));
}

export function clearPiece(bitfield: Uint8Array, index: number): void {
  bitfield[index >> 3] = (bitfield[index >> 3] ?? 0) & ~(0x80 >> (index & 7));
}

/** The bytes in all pieces that `bitfield` holds. Bits beyond the last piece count nothing. */
export function verifiedBytes(metainfo: Metainfo, bitfield: Uint8Array): number {
  let bytes = 0;
  for (const [nth, eight] of bitfield.entries()) {
    if (eight === 0) continue;
    for (let index = nth * 8; index < Math.min(nth * 8 + 8, metainfo.pieceCount); index++) {
      if (hasPiece(bitfield, index)) bytes += metainfo.pieceBytes(index);
    }
  }
  return bytes;
}
