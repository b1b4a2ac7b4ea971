import { expect, it } from 'vitest';
import {
  type PiecesOfPeer,
  pieceMap,
} from '../../../../../src/engine/measuring/detail/piece-map.js';
import { createBitfield, setPiece } from '../../../../../src/storage/layout/bitfield.js';

function pieces(pieceCount: number, indices: Iterable<number>): Uint8Array {
  const bits = createBitfield(pieceCount);
  for (const index of indices) setPiece(bits, index);
  return bits;
}

function peer(pieceCount: number, indices: readonly number[]): PiecesOfPeer {
  const bits = pieces(pieceCount, indices);
  return { bits, count: indices.length, hasAll: indices.length === pieceCount };
}

const upTo = (end: number) => Array.from({ length: end }, (_, index) => index);

it('counts each piece by itself where there are few: there, under way, and how many peers have it', () => {
  const map = pieceMap({
    pieceCount: 5,
    have: pieces(5, [0, 1]),
    underWay: [{ index: 3 }],
    peers: [peer(5, [0, 3]), peer(5, [3])],
  });
  expect(map).toEqual({
    ...{ pieceCount: 5, piecesPerPart: 1, unavailable: 2 },
    verified: [1, 1, 0, 0, 0],
    underWay: [0, 0, 0, 1, 0],
    copies: [1, 0, 0, 2, 0],
  });
});

it('counts a seeder once for every piece, and then misses none', () => {
  const all = peer(3, [0, 1, 2]);
  const { copies, unavailable } = pieceMap({
    pieceCount: 3,
    have: pieces(3, []),
    underWay: [],
    peers: [all, all, peer(3, [2]), peer(3, [])],
  });
  expect({ copies, unavailable }).toEqual({ copies: [2, 2, 3], unavailable: 0 });
});

it.each([513, 1_025, 4_096, 4_097, 20_011])(
  'counts %i pieces in at most 512 parts, and none twice or not at all',
  (pieceCount) => {
    const have = upTo(pieceCount).filter((index) => index % 3 === 0);
    const half = upTo(Math.floor(pieceCount / 2));
    const map = pieceMap({
      pieceCount,
      have: pieces(pieceCount, have),
      underWay: [{ index: pieceCount - 1 }],
      peers: [peer(pieceCount, half)],
    });
    const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
    expect(map.verified.length).toBeLessThanOrEqual(512);
    expect(map.verified).toHaveLength(Math.ceil(pieceCount / map.piecesPerPart));
    expect(sum(map.verified)).toBe(have.length);
    expect(map.underWay.at(-1)).toBe(1);
    expect([map.copies[0], map.copies.at(-1)]).toEqual([1, 0]);
    const there = new Set([...have, ...half]).size;
    expect(map.unavailable).toBe(pieceCount - there);
  },
);
