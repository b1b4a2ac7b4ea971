import fc from 'fast-check';
import { expect, it } from 'vitest';
import { choosePieceLength } from '../../src/metainfo/piece-length.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

it.each([
  [1, 16 * KiB],
  [31 * MiB, 16 * KiB],
  [32 * MiB, 32 * KiB],
  [1 * GiB, 1 * MiB],
  [16 * GiB, 16 * MiB],
  [10_000 * GiB, 16 * MiB],
])('cuts %i bytes into pieces of %i', (totalBytes, pieceLengthBytes) => {
  expect(choosePieceLength(totalBytes)).toBe(pieceLengthBytes);
});

it('makes 1,000 to 2,000 pieces of everything from 16 MiB to 31 GiB', () => {
  fc.assert(
    fc.property(fc.integer({ min: 16 * MiB, max: 31 * GiB }), (totalBytes) => {
      const pieces = totalBytes / choosePieceLength(totalBytes);
      expect(pieces).toBeGreaterThanOrEqual(1000);
      expect(pieces).toBeLessThanOrEqual(2000);
    }),
  );
});
