// Which pieces one peer has, a bit each (BEP 3), and how many. Knows nothing of who else has them.
import {
  clearPiece,
  createBitfield,
  hasPiece,
  setPiece,
} from '../../../storage/layout/bitfield.js';

/** Hears of a piece that a peer has from now on, or has no longer. */
export type OnChange = (index: number, isThere: boolean) => void;

/** None at first. Pieces that the torrent does not have are never there. */
export class PeerPieces {
  readonly pieceCount: number;
  /** The most significant bit first, spare bits zero. To be changed by this class alone. */
  readonly bits: Uint8Array;
  #count = 0;

  constructor(pieceCount: number) {
    this.pieceCount = pieceCount;
    this.bits = createBitfield(pieceCount);
  }

  get count(): number {
    return this.#count;
  }

  get hasAll(): boolean {
    return this.#count === this.pieceCount;
  }

  has(index: number): boolean {
    return hasPiece(this.bits, index);
  }

  /** True if it is news. */
  add(index: number): boolean {
    if (index >= this.pieceCount || hasPiece(this.bits, index)) return false;
    setPiece(this.bits, index);
    this.#count++;
    return true;
  }

  /** True if it was there. */
  delete(index: number): boolean {
    if (!hasPiece(this.bits, index)) return false;
    clearPiece(this.bits, index);
    this.#count--;
    return true;
  }

  /** Takes over a whole bitfield: its spare bits are ignored, bytes that it lacks are zero. */
  replace(bits: Uint8Array, onChange: OnChange): void {
    const ours = this.bits;
    for (let nth = 0; nth < ours.length; nth++) {
      const byte = bits[nth] ?? 0;
      if (ours[nth] !== byte) this.#replaceByte(nth, byte, onChange);
    }
  }

  addAll(onChange: OnChange): void {
    for (let nth = 0; nth < this.bits.length; nth++) this.#replaceByte(nth, 0xff, onChange);
  }

  deleteAll(onChange: OnChange): void {
    for (let nth = 0; nth < this.bits.length; nth++) this.#replaceByte(nth, 0, onChange);
  }

  #replaceByte(nth: number, byte: number, onChange: OnChange): void {
    const changed = (this.bits[nth] ?? 0) ^ byte;
    if (changed === 0) return;
    const end = Math.min(nth * 8 + 8, this.pieceCount);
    for (let index = nth * 8; index < end; index++) {
      const bit = 0x80 >> (index & 7);
      if ((changed & bit) === 0) continue;
      const isThere = (byte & bit) !== 0;
      if (isThere) this.add(index);
      else this.delete(index);
      onChange(index, isThere);
    }
  }
}
