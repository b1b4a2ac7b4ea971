import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerPieces } from '../../../../../src/engine/data-path/pieces/peer-pieces.js';
import { everyPiece } from '../../../../../src/storage/layout/bitfield.js';

type Step =
  | { readonly action: 'add' | 'delete'; readonly index: number }
  | { readonly action: 'replace'; readonly bits: Uint8Array }
  | { readonly action: 'addAll' | 'deleteAll' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      action: fc.constantFrom('add' as const, 'delete' as const),
      index: fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    }),
    fc.record({
      action: fc.constant('replace' as const),
      bits: fc.uint8Array({ maxLength: 6 }),
    }),
    fc.record({ action: fc.constantFrom('addAll' as const, 'deleteAll' as const) }),
  ),
);

function has(bits: Uint8Array, index: number): boolean {
  return (((bits[Math.floor(index / 8)] ?? 0) >> (7 - (index % 8))) & 1) === 1;
}

describe('the pieces of a peer', () => {
  it('are those of a plain set after any steps, and every change is told once', () => {
    fc.assert(
      fc.property(fc.nat(25), steps, (pieceCount, taken) => {
        const pieces = new PeerPieces(pieceCount);
        const all = Array.from({ length: pieceCount }, (_, index) => index);
        let model = new Set<number>();
        const expectChanges = (to: Set<number>, change: (onChange: OnChange) => void) => {
          const told: [number, boolean][] = [];
          change((index, isThere) => {
            expect(pieces.has(index)).toBe(isThere);
            told.push([index, isThere]);
          });
          expect(told).toEqual(
            all.filter((index) => model.has(index) !== to.has(index)).map((i) => [i, to.has(i)]),
          );
          model = to;
        };
        for (const step of taken) {
          if (step.action === 'add') {
            const isNews = step.index < pieceCount && !model.has(step.index);
            expect(pieces.add(step.index)).toBe(isNews);
            if (isNews) model.add(step.index);
          } else if (step.action === 'delete') {
            expect(pieces.delete(step.index)).toBe(model.delete(step.index));
          } else if (step.action === 'replace') {
            const to = new Set(all.filter((index) => has(step.bits, index)));
            expectChanges(to, (onChange) => pieces.replace(step.bits, onChange));
          } else if (step.action === 'addAll') {
            expectChanges(new Set(all), (onChange) => pieces.addAll(onChange));
          } else {
            expectChanges(new Set(), (onChange) => pieces.deleteAll(onChange));
          }
          expect(all.filter((index) => pieces.has(index))).toEqual(
            [...model].sort((a, b) => a - b),
          );
          expect(pieces.count).toBe(model.size);
          expect(pieces.hasAll).toBe(model.size === pieceCount);
        }
      }),
    );
  });

  it('are bits, the most significant first, the spare ones zero', () => {
    const pieces = new PeerPieces(11);
    pieces.add(0);
    pieces.add(9);
    expect([...pieces.bits]).toEqual([0b1000_0000, 0b0100_0000]);
    pieces.replace(Uint8Array.of(0xff, 0xff, 0xff), () => {});
    expect(pieces.bits).toEqual(everyPiece(11));
    expect(pieces.has(11)).toBe(false);
  });
});

type OnChange = (index: number, isThere: boolean) => void;
