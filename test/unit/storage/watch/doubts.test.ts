// Which pieces are in doubt, held against two sets of numbers; and who waits for whom.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HelperError } from '../../../../src/errors.js';
import { Doubts } from '../../../../src/storage/watch/doubts.js';

const pieceCount = 40;
const error = (index: number) => new HelperError('CONTENT_CHANGED', `piece ${index}`);
const longMs = 60_000;

describe('doubts', () => {
  it('are those that were raised and not decided, and the bad ones those that were found so last', () => {
    const piece = fc.nat(pieceCount - 1);
    const step = fc.oneof(
      fc.record({ doubt: piece }),
      fc.record({ decide: piece, isGood: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step), fc.nat(pieceCount - 1), (steps, from) => {
        const doubts = new Doubts(pieceCount);
        const [doubtful, bad] = [new Set<number>(), new Set<number>()];
        for (const each of steps) {
          if ('doubt' in each) {
            doubts.doubt(each.doubt);
            doubtful.add(each.doubt);
            continue;
          }
          const isNews = bad.has(each.decide) === each.isGood;
          expect(doubts.decide(each.decide, each.isGood, error)).toBe(isNews);
          doubtful.delete(each.decide);
          if (each.isGood) bad.delete(each.decide);
          else bad.add(each.decide);
        }
        const inOrder = [...doubtful].sort((one, other) => one - other);
        expect(doubts.isEmpty).toBe(doubtful.size + bad.size === 0);
        expect([doubts.hasDoubtful, doubts.hasBad]).toEqual([doubtful.size > 0, bad.size > 0]);
        expect(doubts.next(from)).toBe(inOrder.find((index) => index >= from) ?? inOrder[0]);
        expect([...doubts.badPieces()]).toEqual([...bad].sort((one, other) => one - other));
        for (let first = 0; first < pieceCount; first++) {
          const run = { first, count: Math.min(3, pieceCount - first) };
          const within = [first, first + 1, first + 2];
          expect(doubts.hasDoubtfulIn(run)).toBe(within.some((index) => doubtful.has(index)));
          expect(doubts.badIn(run)).toBe(within.find((index) => bad.has(index)));
        }
      }),
    );
  });
});

describe('who waits for pieces', () => {
  it('hears when the last of them is good, or the first is bad', async () => {
    const doubts = new Doubts(pieceCount);
    for (const index of [3, 4, 9]) doubts.doubt(index);
    const good = doubts.untilDecided({ first: 2, count: 4 }, longMs);
    const bad = doubts.untilDecided({ first: 8, count: 2 }, longMs);
    expect(doubts.wanted).toBe(3);
    doubts.decide(3, true, error);
    expect(doubts.wanted).toBe(4);
    doubts.decide(9, false, error);
    await expect(bad).rejects.toThrow('piece 9');
    doubts.decide(4, true, error);
    await good;
    expect(doubts.wanted).toBeUndefined();
    await doubts.untilDecided({ first: 0, count: pieceCount }, longMs);
  });

  it('hears that one of them cannot be read, and of no other', async () => {
    const doubts = new Doubts(pieceCount);
    for (const index of [3, 4, 9]) doubts.doubt(index);
    const touched = doubts.untilDecided({ first: 4, count: 2 }, longMs);
    const other = doubts.untilDecided({ first: 9, count: 1 }, longMs);
    doubts.refuse({ first: 3, count: 2 }, new Error('gone'));
    await expect(touched).rejects.toThrow('gone');
    doubts.decide(9, true, error);
    await other;
  });

  it('does not wait for ever', async () => {
    const doubts = new Doubts(pieceCount);
    doubts.doubt(0);
    const waiting = doubts.untilDecided({ first: 0, count: 1 }, 1);
    await expect(waiting).rejects.toMatchObject({ code: 'CONTENT_CHANGED' });
    expect(doubts.wanted).toBeUndefined();
    expect(doubts.isDoubtful(0)).toBe(true);
  });
});
