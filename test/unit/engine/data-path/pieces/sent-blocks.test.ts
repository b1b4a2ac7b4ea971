// Which blocks one peer is remembered to have been sent.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  SentBlocks,
  SentBlocksBudget,
} from '../../../../../src/engine/data-path/pieces/sent-blocks.js';
import { KiB, MiB } from '../../../../support/sizes.js';

it('remembers exactly the blocks that were sent and not forgotten, whatever the length of a piece', () => {
  const block = fc.tuple(fc.nat(40), fc.nat(90));
  const step = fc.oneof(fc.record({ add: block }), fc.record({ forget: fc.nat(40) }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90 * 16 * KiB }), fc.array(step), (pieceBytes, steps) => {
      const blocks = Math.ceil(pieceBytes / (16 * KiB));
      const sent = new SentBlocks(pieceBytes, new SentBlocksBudget());
      const expected = new Set<string>();
      for (const each of steps) {
        if ('add' in each) {
          const [index, nth] = each.add;
          sent.add(index, (nth % blocks) * 16 * KiB);
          expected.add(`${index} ${nth % blocks}`);
        } else {
          sent.delete(each.forget);
          for (let nth = 0; nth < blocks; nth++) expected.delete(`${each.forget} ${nth}`);
        }
      }
      const remembered = new Set<string>();
      for (let index = 0; index <= 40; index++) {
        for (let nth = 0; nth < blocks; nth++) {
          if (sent.has(index, nth * 16 * KiB)) remembered.add(`${index} ${nth}`);
        }
      }
      expect(remembered).toEqual(expected);
    }),
  );
});

it('remembers of a large torrent what was sent last', () => {
  const sent = new SentBlocks(MiB, new SentBlocksBudget(4));
  // A chunk is 32 MiB.
  for (let index = 0; index < 320; index += 32) sent.add(index, 0);
  const remembered = Array.from({ length: 10 }, (_, nth) => sent.has(nth * 32, 0));
  expect(remembered).toEqual([...Array(6).fill(false), ...Array(4).fill(true)]);
  sent.add(6 * 32, 16 * KiB);
  for (let index = 1000; index < 1096; index += 32) sent.add(index, 0);
  expect([sent.has(6 * 32, 0), sent.has(7 * 32, 0)]).toEqual([true, false]);
});

it('remembers no more of all peers than there is room for: who has most forgets first', () => {
  const budget = new SentBlocksBudget(6);
  const [greedy, modest] = [new SentBlocks(MiB, budget), new SentBlocks(MiB, budget)];
  modest.add(0, 0);
  modest.add(32, 0);
  for (let chunk = 0; chunk < 100; chunk++) greedy.add(chunk * 32, 0);
  expect([modest.has(0, 0), modest.has(32, 0)]).toEqual([true, true]);
  expect([greedy.chunkCount, greedy.has(95 * 32, 0), greedy.has(96 * 32, 0)]).toEqual([
    4,
    false,
    true,
  ]);
  greedy.clear();
  for (let chunk = 0; chunk < 6; chunk++) modest.add(chunk * 32, 0);
  expect([greedy.chunkCount, modest.chunkCount]).toEqual([0, 6]);
});

it('remembers what is sent again after it was forgotten', () => {
  const budget = new SentBlocksBudget(1);
  const [one, other] = [new SentBlocks(MiB, budget), new SentBlocks(MiB, budget)];
  one.add(0, 0);
  other.add(0, 0);
  expect([one.has(0, 0), other.has(0, 0)]).toEqual([false, true]);
  one.add(0, 0);
  expect(one.chunkCount + other.chunkCount).toBe(1);
});
