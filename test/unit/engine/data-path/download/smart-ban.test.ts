import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SmartBan, soleSender } from '../../../../../src/engine/data-path/download/smart-ban.js';

interface Peer {
  readonly name: string;
}

const [ann, bob, eve]: [Peer, Peer, Peer] = [{ name: 'ann' }, { name: 'bob' }, { name: 'eve' }];

/** One hash a block, of what it says. */
function hashesOf(...blocks: readonly (string | number)[]): Uint8Array {
  return Buffer.concat(
    blocks.map((block) => createHash('sha1').update(String(block)).digest()),
    20 * blocks.length,
  );
}

describe('smart ban', () => {
  it('bannedSenders who sent another block than the good one, and nobody else', () => {
    const ban = new SmartBan<Peer>();
    ban.bad(7, [ann, eve, bob, undefined], hashesOf('a', 'poison', 'c', 'x'));
    expect(ban.isSuspect(7)).toBe(true);
    expect(ban.suspects(7)).toEqual(new Set([ann, eve, bob]));
    expect(ban.rememberedBlocks).toBe(4);
    expect(ban.good(7, hashesOf('a', 'b', 'c', 'd'))).toEqual([eve]);
    expect(ban.isSuspect(7)).toBe(false);
    expect(ban.suspects(7)).toEqual(new Set());
    expect(ban.rememberedBlocks).toBe(0);
    expect(ban.good(7, hashesOf('a', 'b', 'c', 'd'))).toEqual([]);
  });

  it('compares every time that a piece was bad, and names each sender once', () => {
    const ban = new SmartBan<Peer>();
    ban.bad(0, [ann, eve], hashesOf('a', 'poison'));
    ban.bad(0, [bob, eve], hashesOf('flipped', 'venom'));
    ban.bad(1, [ann, bob], hashesOf('elsewhere', 'elsewhere'));
    expect(ban.suspects(0)).toEqual(new Set([ann, bob, eve]));
    expect(ban.good(0, hashesOf('a', 'b'))).toEqual([eve, bob]);
    expect(ban.suspects(1)).toEqual(new Set([ann, bob]));
  });

  it('tells blocks apart by the last byte of their hashes too', () => {
    const ban = new SmartBan<Peer>();
    const sent = hashesOf('a', 'b');
    ban.bad(0, [ann, bob], sent);
    const good = new Uint8Array(sent);
    good[39] = (good[39] ?? 0) ^ 1;
    expect(ban.good(0, good)).toEqual([bob]);
  });

  it('copies what it is given', () => {
    const ban = new SmartBan<Peer>();
    const senders = [ann, eve];
    const hashes = hashesOf('a', 'poison');
    ban.bad(0, senders, hashes);
    senders.fill(bob);
    hashes.fill(0);
    expect(ban.good(0, hashesOf('a', 'b'))).toEqual([eve]);
  });

  it('refuses hashes that are not one a block', () => {
    const ban = new SmartBan<Peer>();
    expect(() => ban.bad(0, [ann, bob], hashesOf('a'))).toThrow(RangeError);
    ban.bad(0, [ann, bob], hashesOf('a', 'b'));
    expect(() => ban.good(0, hashesOf('a'))).toThrow(RangeError);
  });

  it('bannedSenders all who ever sent a wrong block, and never an honest one', () => {
    const peers = Array.from({ length: 8 }, (_, nth): Peer => ({ name: `peer ${nth}` }));
    const block = fc.record({ peer: fc.nat(8), isPoisoned: fc.boolean() });
    const pieces = fc.integer({ min: 1, max: 6 }).chain((blockCount) =>
      fc.record({
        blockCount: fc.constant(blockCount),
        poisoners: fc.subarray(peers),
        rounds: fc.array(
          fc.record({
            index: fc.nat(3),
            blocks: fc.array(block, { minLength: blockCount, maxLength: blockCount }),
          }),
          { maxLength: 20 },
        ),
      }),
    );
    fc.assert(
      fc.property(pieces, ({ blockCount, poisoners, rounds }) => {
        const ban = new SmartBan<Peer>();
        const guilty = new Map<number, Set<Peer>>();
        const seen = new Map<number, Set<Peer>>();
        for (const [round, { index, blocks }] of rounds.entries()) {
          const senders = blocks.map(({ peer }) => peers[peer]);
          const sent = blocks.map(({ isPoisoned }, nth) => {
            const sender = senders[nth];
            if (sender === undefined) return 'nobody knows whose';
            seen.set(index, (seen.get(index) ?? new Set()).add(sender));
            if (!isPoisoned || !poisoners.includes(sender)) return nth;
            guilty.set(index, (guilty.get(index) ?? new Set()).add(sender));
            return `poison ${round}`;
          });
          ban.bad(index, senders, hashesOf(...sent));
        }
        expect(ban.rememberedBlocks).toBe(rounds.length * blockCount);
        for (const index of [0, 1, 2, 3]) {
          expect(ban.suspects(index)).toEqual(seen.get(index) ?? new Set());
          const bannedSenders = ban.good(index, hashesOf(...Array(blockCount).keys()));
          expect(new Set(bannedSenders)).toEqual(guilty.get(index) ?? new Set());
          expect(bannedSenders.length).toBe(new Set(bannedSenders).size);
        }
        expect(ban.rememberedBlocks).toBe(0);
      }),
    );
  });
});

describe('what is remembered', () => {
  it('stays within its bound with 10,000 bad pieces, and goes by the age of the last time', () => {
    const ban = new SmartBan<Peer>();
    const blocks = Array.from({ length: 64 }, (_, nth) => nth);
    const hashes = hashesOf(...blocks);
    const senders = blocks.map((nth) => (nth % 2 ? ann : eve));
    ban.bad(0, senders, hashes);
    for (let index = 1; index < 10_000; index++) {
      ban.bad(index, senders, hashes);
      if (index === 500) ban.bad(0, senders, hashes);
      expect(ban.rememberedBlocks).toBeLessThanOrEqual(65_536);
    }
    expect(ban.rememberedBlocks).toBe(65_536);
    expect(ban.isSuspect(0)).toBe(false);
    expect(ban.isSuspect(10_000 - 1_024 - 1)).toBe(false);
    expect(ban.isSuspect(10_000 - 1_024)).toBe(true);
    expect(ban.suspects(10_000 - 1_024)).toEqual(new Set([ann, eve]));
  });

  it('goes on with who was there of late if one piece is bad again and again', () => {
    const ban = new SmartBan<Peer>({ mostBlocks: 10 });
    ban.bad(1, [ann, ann], hashesOf('x', 'y'));
    ban.bad(0, [ann, eve], hashesOf('x', 'y'));
    for (let round = 0; round < 100; round++) {
      ban.bad(0, [bob, eve], hashesOf('a', 'poison'));
      expect(ban.rememberedBlocks).toBeLessThanOrEqual(10);
    }
    expect(ban.isSuspect(1)).toBe(false);
    expect(ban.suspects(0)).toEqual(new Set([bob, eve]));
    expect(ban.good(0, hashesOf('a', 'b'))).toEqual([eve]);
    expect(ban.rememberedBlocks).toBe(0);
  });

  it('is not lost to a piece of more blocks than the bound, nor to one of none', () => {
    const ban = new SmartBan<Peer>({ mostBlocks: 3 });
    ban.bad(0, [ann, bob], hashesOf('a', 'b'));
    ban.bad(1, [ann, bob, eve, eve], hashesOf(1, 2, 3, 4));
    ban.bad(2, [], new Uint8Array());
    expect([0, 1, 2].map((index) => ban.isSuspect(index))).toEqual([true, false, false]);
    expect(ban.rememberedBlocks).toBe(2);
  });
});

describe('the sole sender of a piece', () => {
  it('is who sent every block of it', () => {
    expect(soleSender([eve, eve, eve])).toBe(eve);
    expect(soleSender([eve])).toBe(eve);
    expect(soleSender([eve, ann])).toBeUndefined();
    expect(soleSender([eve, undefined])).toBeUndefined();
    expect(soleSender([undefined, eve])).toBeUndefined();
    expect(soleSender([undefined])).toBeUndefined();
    expect(soleSender([])).toBeUndefined();
  });
});
