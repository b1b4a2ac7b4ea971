import fc from 'fast-check';
import { expect, it } from 'vitest';
import { choosePieceLength } from '../../../../src/metainfo/create/piece-length.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

it.each([
  [1, 16 * KiB],
  [256 * KiB, 16 * KiB],
  [256 * KiB + 1, 32 * KiB],
  [1 * MiB, 32 * KiB],
  [32 * MiB, 256 * KiB],
  [1 * GiB, 1 * MiB],
  [16 * GiB, 4 * MiB],
  [256 * GiB, 16 * MiB],
  [10_000 * GiB, 16 * MiB],
])('cuts %i bytes into pieces of %i', (totalBytes, pieceLengthBytes) => {
  expect(choosePieceLength(totalBytes)).toBe(pieceLengthBytes);
});

it('makes twice as many pieces of four times as much, each twice as long', () => {
  fc.assert(
    fc.property(fc.integer({ min: 256 * KiB, max: 64 * GiB }), (totalBytes) => {
      const once = choosePieceLength(totalBytes);
      expect(choosePieceLength(totalBytes * 4)).toBe(once * 2);
      const pieces = totalBytes / once / Math.sqrt(totalBytes / (1 * GiB));
      expect(pieces).toBeGreaterThan(511);
      expect(pieces).toBeLessThanOrEqual(1024);
    }),
  );
});
