// The pieces of a torrent in at most so many parts, however many there are: which are there, which are being fetched, and how often
// the connected peers have them. Costs a glance at every piece of each peer that is no seeder.
import type { PieceMap } from '../../../../machines/types.js';
import { swarmDetailLimits } from '../../../limits.js';

/** What one peer has (BEP 3). */
export interface PiecesOfPeer {
  readonly bits: Uint8Array;
  readonly count: number;
  readonly hasAll: boolean;
}

export interface PieceMapSource {
  readonly pieceCount: number;
  /** Those that are there (BEP 3). */
  readonly have: Uint8Array;
  readonly underWay: Iterable<{ readonly index: number }>;
  readonly peers: Iterable<PiecesOfPeer>;
}

export function pieceMap({ pieceCount, have, underWay, peers }: PieceMapSource): PieceMap {
  const piecesPerPart = partLength(pieceCount);
  const partCount = Math.ceil(pieceCount / piecesPerPart);
  const begun = zeros(partCount);
  for (const { index } of underWay) {
    const part = Math.floor(index / piecesPerPart);
    begun[part] = (begun[part] ?? 0) + 1;
  }
  const anywhere = have.slice();
  const copies = zeros(partCount);
  let seeders = 0;
  for (const { bits, count, hasAll } of peers) {
    if (hasAll) seeders += 1;
    else if (count > 0) {
      addCounts(bits, piecesPerPart, copies);
      addBits(anywhere, bits);
    }
  }
  const [verified, there] = [zeros(partCount), zeros(partCount)];
  addCounts(have, piecesPerPart, verified);
  addCounts(anywhere, piecesPerPart, there);
  const lengthOf = (part: number) => Math.min(piecesPerPart, pieceCount - part * piecesPerPart);
  return {
    pieceCount,
    piecesPerPart,
    verified,
    underWay: begun,
    copies: copies.map((sum, part) => seeders + Math.round((sum * 100) / lengthOf(part)) / 100),
    unavailable: seeders > 0 ? 0 : pieceCount - there.reduce((sum, each) => sum + each, 0),
  };
}

/** Where it is more than a few, whole words of a bitfield, so that they can be counted at once. */
function partLength(pieceCount: number): number {
  const least = Math.max(1, Math.ceil(pieceCount / swarmDetailLimits.parts));
  return least < 16 ? least : Math.ceil(least / 32) * 32;
}

function addCounts(bits: Uint8Array, piecesPerPart: number, sums: number[]): void {
  const isByWord = piecesPerPart % 32 === 0;
  const words = new DataView(bits.buffer, bits.byteOffset, bits.byteLength);
  for (let part = 0, from = 0; part < sums.length; part++, from += piecesPerPart) {
    const sum = isByWord
      ? countWords(words, from / 8, (from + piecesPerPart) / 8)
      : countBits(bits, from, from + piecesPerPart);
    sums[part] = (sums[part] ?? 0) + sum;
  }
}

function countWords(words: DataView, from: number, to: number): number {
  const end = Math.min(to, words.byteLength);
  let sum = 0;
  let at = from;
  for (; at + 4 <= end; at += 4) sum += bitCount(words.getUint32(at));
  for (; at < end; at++) sum += bitCount(words.getUint8(at));
  return sum;
}

/** In all four bytes at once: by twos, by fours, by eights, and then together. */
function bitCount(word: number): number {
  const twos = word - ((word >>> 1) & 0x55555555);
  const fours = (twos & 0x33333333) + ((twos >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function countBits(bits: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++)
    sum += ((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
  return sum;
}

function addBits(to: Uint8Array, bits: Uint8Array): void {
  const [into, words] = [
    new DataView(to.buffer, to.byteOffset),
    new DataView(bits.buffer, bits.byteOffset),
  ];
  let at = 0;
  for (; at + 4 <= to.length; at += 4) into.setUint32(at, into.getUint32(at) | words.getUint32(at));
  for (; at < to.length; at++) into.setUint8(at, into.getUint8(at) | words.getUint8(at));
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
