import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeerPieces } from '../../../../../src/engine/data-path/pieces/peer-pieces.js';
import {
  PiecePicker,
  type PiecePickerOptions,
  type Priority,
} from '../../../../../src/engine/data-path/pieces/piece-picker.js';
import { createBitfield, setPiece } from '../../../../../src/storage/layout/bitfield.js';
import { NaivePicker } from '../../../../support/data-path/naive-picker.js';
import { createRandom } from '../../../../support/random.js';

const range = (length: number, from = 0) => Array.from({ length }, (_, nth) => from + nth);

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  const { below } = createRandom(String(seed));
  return () => below(2 ** 32) / 2 ** 32;
}

function bitsOf(pieceCount: number, indices: Iterable<number>): Uint8Array {
  const bits = createBitfield(pieceCount);
  for (const index of indices) setPiece(bits, index);
  return bits;
}

function peerWith(pieceCount: number, indices: Iterable<number>): PeerPieces {
  const pieces = new PeerPieces(pieceCount);
  for (const index of indices) pieces.add(index);
  return pieces;
}

const seeder = (pieceCount: number) => peerWith(pieceCount, range(pieceCount));

/** Past its beginning: the first four pieces are there. */
function pickerOf(pieceCount: number, options: Partial<PiecePickerOptions> = {}): PiecePicker {
  return new PiecePicker({ pieceCount, have: bitsOf(pieceCount, range(4)), ...options });
}

type Step =
  | {
      readonly action:
        | 'incrementAvailability'
        | 'decrementAvailability'
        | 'take'
        | 'putBack'
        | 'done';
      readonly at: number;
    }
  | { readonly action: 'setPriority'; readonly at: number; readonly priority: Priority }
  | { readonly action: 'addSeeder' | 'removeSeeder' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    action: fc.constantFrom(
      'incrementAvailability',
      'incrementAvailability',
      'decrementAvailability',
      'take',
      'putBack',
      'done',
    ),
    at: fc.nat(40),
  }),
  fc.record({
    action: fc.constant('setPriority'),
    at: fc.nat(40),
    priority: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7),
  }),
  fc.record({ action: fc.constantFrom('addSeeder', 'removeSeeder') }),
);

/** Nobody takes back what was not given. */
function take(step: Step, picker: PiecePicker, naive: NaivePicker, pieceCount: number): void {
  if (!('at' in step)) {
    if (step.action === 'removeSeeder') {
      picker.addSeeder();
      naive.addSeeder();
    }
    picker[step.action]();
    naive[step.action]();
    return;
  }
  const index = step.at % pieceCount;
  if (step.action === 'setPriority') {
    picker.setPriority(index, step.priority);
    naive.setPriority(index, step.priority);
  } else if (step.action !== 'decrementAvailability' || naive.isAvailable(index)) {
    picker[step.action](index);
    naive[step.action](index);
  }
}

describe('the picker of pieces', () => {
  it('is always right about what is missing, and picks of the best', () => {
    const options = fc.record({
      pieceCount: fc.integer({ min: 1, max: 40 }),
      stretchPieces: fc.integer({ min: 1, max: 7 }),
      seed: fc.nat(),
    });
    const owned = fc.array(fc.nat(40), { maxLength: 6 });
    const round = fc.record({
      steps: fc.array(step, { maxLength: 12 }),
      peerHas: fc.array(fc.nat(40), { maxLength: 40 }),
      after: fc.integer({ min: -1, max: 40 }),
    });
    const rounds = fc.array(round, { maxLength: 12 });
    fc.assert(
      fc.property(options, owned, rounds, ({ seed, ...sizes }, some, all) => {
        const { pieceCount, stretchPieces } = sizes;
        const have = new Set(some.map((index) => index % pieceCount));
        const picker = new PiecePicker({
          ...sizes,
          have: bitsOf(pieceCount, have),
          random: randomOf(seed),
        });
        const naive = new NaivePicker(pieceCount, have);
        for (const { steps, peerHas, after } of all) {
          for (const each of steps) take(each, picker, naive, pieceCount);
          expect(picker.missing).toBe(naive.missing);
          expect(picker.offered).toBe(naive.offered);
          for (const index of range(pieceCount)) {
            expect(picker.availabilityOf(index)).toBe(naive.availabilityOf(index));
            expect(picker.isMissing(index)).toBe(naive.isMissing(index));
          }
          const theirs = new Set(peerHas.map((index) => index % pieceCount));
          const choices = naive.choices(theirs, after, stretchPieces);
          const picked = picker.pick(peerWith(pieceCount, theirs), after);
          expect(choices.size > 0 ? [...choices] : [-1]).toContain(picked);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds one of many pieces if there is one, and nothing else', () => {
    const indices = fc.array(fc.nat(1999), { maxLength: 30 });
    fc.assert(
      fc.property(indices, indices, indices, fc.nat(), (theirs, begun, unwanted, seed) => {
        const picker = pickerOf(2000, { random: randomOf(seed) });
        for (const index of range(500, 1000)) picker.incrementAvailability(index);
        for (const index of begun) picker.take(index);
        for (const index of unwanted) picker.setPriority(index, 0);
        const isOffered = (index: number) =>
          index > 3 && !begun.includes(index) && !unwanted.includes(index);
        const possible = theirs.filter(isOffered);
        const rare = possible.filter((index) => index < 1000 || index >= 1500);
        const best = rare.length > 0 ? rare : possible;
        expect(best.length > 0 ? best : [-1]).toContain(picker.pick(peerWith(2000, theirs), -1));
      }),
    );
  });

  it('takes pieces that 63 peers or more have as equally common', () => {
    const picksAmong = (holders: number) =>
      range(60).map((seed) => {
        const picker = pickerOf(6, { random: randomOf(seed) });
        for (const _ of range(holders)) picker.incrementAvailability(4);
        for (const _ of range(90)) picker.incrementAvailability(5);
        expect(picker.availabilityOf(5)).toBe(90);
        return picker.pick(seeder(6), -1);
      });
    expect(new Set(picksAmong(62))).toEqual(new Set([4]));
    expect(new Set(picksAmong(63))).toEqual(new Set([4, 5]));
  });
});

describe('chance', () => {
  const timesOf = (picks: readonly number[], index: number) =>
    picks.filter((picked) => picked === index).length;

  it('decides among equals, in whatever order they became known', () => {
    const picks = range(1600).map((seed) => {
      const picker = pickerOf(20, { random: randomOf(seed) });
      for (const index of range(20)) picker.incrementAvailability(index);
      for (const index of range(8, 12)) picker.incrementAvailability(index);
      for (const index of range(4, 12)) picker.decrementAvailability(index);
      // Of these, 4 to 7 and 12 to 15 ended at no holder, or at one.
      for (const index of range(16, 4)) picker.setPriority(index, index < 12 ? 4 : 3);
      return picker.pick(seeder(20), -1);
    });
    const rare = range(8, 4);
    for (const index of rare) expect(timesOf(picks, index)).toBeGreaterThan(150);
    expect(picks.filter((picked) => !rare.includes(picked))).toEqual([]);
  });

  it('decides anew with every pick', () => {
    const picker = pickerOf(20);
    const picks = range(200).map(() => picker.pick(seeder(20), -1));
    expect(new Set(picks).size).toBeGreaterThan(10);
  });

  it('favours none of the pieces that a peer has', () => {
    const picks = range(400).map((seed) =>
      pickerOf(40, { random: randomOf(seed) }).pick(peerWith(40, [10, 11]), -1),
    );
    expect(timesOf(picks, 10)).toBeGreaterThan(150);
    expect(timesOf(picks, 11)).toBeGreaterThan(150);
  });

  it('decides among what a peer has of pieces too many to look at', () => {
    const picker = pickerOf(100_000);
    const picksOf = (theirs: readonly number[]) => {
      const pieces = peerWith(100_000, theirs);
      for (const index of theirs) picker.incrementAvailability(index);
      return new Set(range(400).map(() => picker.pick(pieces, -1)));
    };
    expect(picksOf(range(8, 4000)).size).toBe(8);
    const farApart = [...picksOf(range(400).map((nth) => 50_000 + 100 * nth))];
    expect(farApart.length).toBeGreaterThan(100);
  });

  it('decides among all pieces that a peer has until four are there, whatever the rarity', () => {
    const picksAfter = (done: number) =>
      range(400).map((seed) => {
        const picker = new PiecePicker({
          pieceCount: 12,
          have: createBitfield(12),
          random: randomOf(seed),
        });
        for (const index of range(8))
          for (const _ of range(index)) picker.incrementAvailability(index);
        for (const index of [8, 9, 8, 9]) {
          picker.done(index);
          picker.putBack(index);
        }
        for (const index of range(done, 8)) {
          picker.done(index);
          picker.done(index);
        }
        return picker.pick(peerWith(12, range(8)), -1);
      });
    for (const index of range(8)) expect(timesOf(picksAfter(3), index)).toBeGreaterThan(25);
    expect(new Set(picksAfter(4))).toEqual(new Set([0]));
  });

  it('yields to rarity from the first piece on where there are few', () => {
    const picker = new PiecePicker({ pieceCount: 8, have: createBitfield(8) });
    for (const index of range(8)) if (index !== 5) picker.incrementAvailability(index);
    expect(picker.pick(seeder(8), -1)).toBe(5);
  });

  it('lets those who begin together begin with different pieces', () => {
    const begun = range(16).map((seed) => {
      const picker = new PiecePicker({
        pieceCount: 1000,
        have: createBitfield(1000),
        stretchPieces: 4,
        random: randomOf(seed),
      });
      let after = -1;
      return range(4).map(() => {
        after = picker.pick(seeder(1000), after);
        picker.take(after);
        return after;
      });
    });
    expect(new Set(begun.map(([first]) => first)).size).toBeGreaterThan(14);
    expect(new Set(begun.flat()).size).toBeGreaterThan(58);
  });
});

describe('neighbours', () => {
  const stretchPieces = 8;

  it('are picked one after the other until their stretch ends', () => {
    const picker = pickerOf(64, { stretchPieces });
    const pieces = seeder(64);
    let after = 17;
    const picked: number[] = [];
    for (const _ of range(6)) {
      after = picker.pick(pieces, after);
      picker.take(after);
      picked.push(after);
    }
    expect(picked).toEqual(range(6, 18));
    const far = range(200).map((seed) =>
      pickerOf(64, { stretchPieces, random: randomOf(seed) }).pick(pieces, 23),
    );
    expect(new Set(far).size).toBeGreaterThan(30);
  });

  it.each<[string, (picker: PiecePicker) => void, number]>([
    ['as common', () => {}, 18],
    ['rarer', (picker) => picker.decrementAvailability(18), 18],
    ['more common', (picker) => picker.incrementAvailability(18), -1],
    ['more urgent', (picker) => picker.setPriority(18, 5), 18],
    ['less urgent', (picker) => picker.setPriority(18, 3), -1],
    ['begun', (picker) => picker.take(18), -1],
    ['not wanted', (picker) => picker.setPriority(18, 0), -1],
    ['ours', (picker) => picker.done(18), -1],
  ])('that are %s', (_, change, expected) => {
    const picked = range(20).map((seed) => {
      const picker = pickerOf(64, { stretchPieces, random: randomOf(seed) });
      for (const index of range(64)) picker.incrementAvailability(index);
      change(picker);
      return picker.pick(seeder(64), 17);
    });
    if (expected === -1) expect(picked).not.toContain(18);
    else expect(new Set(picked)).toEqual(new Set([expected]));
  });

  it('are picked instead of less rare ones that were found in a search', () => {
    const theirs = [...range(2000).map((nth) => nth * 50), 50_001];
    for (const seed of range(5)) {
      const picker = pickerOf(100_000, { stretchPieces, random: randomOf(seed) });
      for (const index of theirs) if (index !== 50_001) picker.incrementAvailability(index);
      expect(picker.pick(peerWith(100_000, theirs), 50_000)).toBe(50_001);
    }
  });

  it('are nothing to those who begin', () => {
    const picks = range(50).map((seed) => {
      const options = { have: createBitfield(64), stretchPieces, random: randomOf(seed) };
      return pickerOf(64, options).pick(seeder(64), 17);
    });
    expect(new Set(picks).size).toBeGreaterThan(20);
  });

  it('are nothing without a stretch, nor what the peer does not have', () => {
    const others = range(64).filter((index) => index !== 18);
    for (const seed of range(20)) {
      const random = randomOf(seed);
      const picker = pickerOf(64, { stretchPieces, random });
      expect(picker.pick(peerWith(64, others), 17)).not.toBe(18);
    }
    const picks = range(50).map((seed) =>
      pickerOf(64, { random: randomOf(seed) }).pick(seeder(64), 17),
    );
    expect(new Set(picks).size).toBeGreaterThan(20);
  });
});

describe('the work', () => {
  const pieceCount = 100_000;

  it('of an update is the same however many pieces there are', () => {
    let drawn = 0;
    const random = () => {
      drawn++;
      return Math.random();
    };
    const picker = pickerOf(pieceCount, { random });
    drawn = 0;
    for (const index of range(1000, 50)) {
      picker.incrementAvailability(index);
      picker.incrementAvailability(index);
      picker.decrementAvailability(index);
      picker.take(index);
      picker.putBack(index);
      picker.setPriority(index, 7);
      picker.done(index);
    }
    expect(drawn).toBeLessThanOrEqual(5 * 1000);
    expect(picker.looks).toBe(0);
  });

  it('of a pick is bounded, even for the one piece that a peer has', () => {
    const picker = pickerOf(pieceCount);
    for (const index of range(pieceCount)) if (index % 3 > 0) picker.incrementAvailability(index);
    expect(picker.pick(peerWith(pieceCount, [77_776]), -1)).toBe(77_776);
    expect(picker.looks).toBeLessThanOrEqual(65);
    expect(picker.pick(peerWith(pieceCount, []), -1)).toBe(-1);
    expect(picker.looks).toBeLessThanOrEqual(65 + 64);
    const before = picker.looks;
    expect(picker.pick(seeder(pieceCount), -1) % 3).toBe(0);
    expect(picker.looks).toBe(before + 1);
  });

  it('of a pick of few pieces is at most one look at each', () => {
    const picker = pickerOf(30);
    for (const index of range(30)) if (index % 2 > 0) picker.incrementAvailability(index);
    expect(picker.pick(peerWith(30, [1, 3]), -1)).toBe(-1);
    expect(picker.looks).toBe(26);
  });

  it('of a search ends when enough was found, with the best of that', () => {
    const picker = pickerOf(pieceCount);
    const theirs = range(2000).map((nth) => nth * 7 + 50_000);
    for (const index of theirs) if (index % 10 > 0) picker.incrementAvailability(index);
    expect(picker.pick(peerWith(pieceCount, theirs), -1) % 10).toBe(0);
    expect(picker.looks).toBeLessThan(64 + 40);
    picker.incrementAvailability(10_000);
    expect(picker.pick(peerWith(pieceCount, [10_000, 10_001]), -1)).toBe(10_001);
  });
});
