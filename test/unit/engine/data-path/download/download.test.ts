// What a download asks of whom, and what it takes, over peers made by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';
import type { Block, HandmadePeer } from '../../../../support/data-path/handmade-peer.js';
import { Gate, HandmadeSwarm } from '../../../../support/data-path/handmade-swarm.js';
import { KiB, MiB } from '../../../../support/sizes.js';

const all = (count: number) => Array.from({ length: count }, (_, index) => index);
/** A block that was asked for, of which a test has made sure that there is one. */
function first(peer: HandmadePeer): Block {
  const [block] = peer.asked;
  if (block === undefined) throw new Error(`${peer.sender.host} was asked for nothing`);
  return block;
}

function expectAllThere(swarm: HandmadeSwarm): void {
  expect(swarm.violations).toEqual([]);
  expect(swarm.failures).toEqual([]);
  expect(swarm.isComplete).toBe(true);
  expect(swarm.disk.equals(swarm.content)).toBe(true);
  expect(swarm.written.toSorted((a, b) => a - b)).toEqual(all(swarm.pieceCount));
  expect(swarm.buffers.usedBytes).toBe(0);
}

describe('a download', () => {
  it('takes everything from one seeder, the shorter last piece and block included', async () => {
    const swarm = new HandmadeSwarm({
      pieceCount: 20,
      pieceLengthBytes: 64 * KiB,
      lastPieceBytes: 40 * KiB + 7,
    });
    const seeder = swarm.peer();
    expect(seeder.asked).toHaveLength(8);
    await swarm.run();
    expectAllThere(swarm);
    expect(seeder.everAsked).toBe(19 * 4 + 3);
    expect(seeder.cancelled).toEqual([]);
  });

  it('takes a torrent of one byte', async () => {
    const swarm = new HandmadeSwarm({
      pieceCount: 1,
      pieceLengthBytes: 16 * KiB,
      lastPieceBytes: 1,
    });
    const seeder = swarm.peer();
    expect(seeder.asked).toEqual([{ index: 0, offsetBytes: 0, lengthBytes: 1 }]);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('asks a peer that sends for more and more at once, and never for more than it says it takes', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 600, pieceLengthBytes: 16 * KiB });
    const seeder = swarm.peer();
    const modest = swarm.peer(undefined, { reqq: 20 });
    const shy = swarm.peer(undefined, { reqq: 3 });
    let most = 0;
    let mostOfModest = 0;
    let mostOfShy = 0;
    await swarm.run(() => {
      most = Math.max(most, seeder.asked.length);
      mostOfModest = Math.max(mostOfModest, modest.asked.length);
      mostOfShy = Math.max(mostOfShy, shy.asked.length);
    });
    expectAllThere(swarm);
    expect(most).toBeGreaterThan(40);
    expect(mostOfModest).toBeGreaterThan(10);
    expect(mostOfModest).toBeLessThanOrEqual(20);
    expect(mostOfShy).toBeLessThanOrEqual(3);
  });

  it('shares the work among several seeders', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 64, pieceLengthBytes: 64 * KiB });
    const seeders = all(4).map(() => swarm.peer());
    await swarm.run();
    expectAllThere(swarm);
    for (const { everAsked } of seeders) {
      expect(everAsked).toBeGreaterThan(32);
      expect(everAsked).toBeLessThan(128);
    }
  });

  it('asks peers that have parts for their parts', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 40, pieceLengthBytes: 32 * KiB });
    const indices = all(40);
    for (const nth of [0, 1, 2]) swarm.peer(indices.filter((index) => index % 3 === nth));
    await swarm.run();
    expectAllThere(swarm);
  });

  it('asks nothing of a peer that chokes it, and goes on when it is unchoked', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 10, pieceLengthBytes: 64 * KiB });
    const seeder = swarm.peer(undefined, { isChoking: true });
    expect(seeder.everAsked).toBe(0);
    seeder.unchoke();
    for (let nth = 0; nth < 9; nth++) seeder.sendNext();
    seeder.choke();
    await swarm.settled();
    expect(seeder.asked).toEqual([]);
    seeder.unchoke();
    expect(seeder.asked.length).toBeGreaterThan(0);
    await swarm.run();
    expectAllThere(swarm);
    expect(seeder.everAsked).toBeLessThan(80);
  });

  it('asks a choking peer for the pieces that it gives all the same', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 10, pieceLengthBytes: 32 * KiB });
    const seeder = swarm.peer(undefined, { isChoking: true, hasFast: true });
    seeder.pipeline.allowedFast(3);
    seeder.pipeline.allowedFast(7);
    await swarm.run();
    expect(swarm.written.toSorted()).toEqual([3, 7]);
    expect(seeder.everAsked).toBe(4);
  });

  it('asks others at once for what a peer will not send any more', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 4, pieceLengthBytes: 16 * KiB });
    const quitter = swarm.peer();
    const other = swarm.peer();
    expect(quitter.asked).toHaveLength(4);
    expect(other.asked).toHaveLength(1);
    quitter.leave();
    await swarm.run();
    expectAllThere(swarm);
    expect(other.everAsked).toBe(4);
  });

  it('asks again for what was rejected, and leaves a peer alone that rejects everything', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 100, pieceLengthBytes: 16 * KiB });
    const naysayer = swarm.peer(undefined, { hasFast: true });
    let rejects = 0;
    for (; naysayer.asked.length > 0 && rejects < 1_000; rejects++) {
      naysayer.reject(first(naysayer));
      await Promise.resolve();
    }
    expect(rejects).toBeLessThan(100);
    expect(rejects).toBeGreaterThanOrEqual(64);
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('never counts a reject of what it did not ask for', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 1 * MiB });
    const seeder = swarm.peer(undefined, { hasFast: true });
    for (let nth = 0; nth < 100; nth++) seeder.pipeline.rejected(0, 512 * KiB, 16 * KiB);
    expect(seeder.asked).toHaveLength(8);
    await swarm.run();
    expectAllThere(swarm);
  });
});

describe('a block', () => {
  it('that comes a second time goes nowhere', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 4, pieceLengthBytes: 64 * KiB });
    const seeder = swarm.peer();
    const block = first(seeder);
    expect(seeder.send(block)).toBe(true);
    const { length } = seeder.asked;
    expect(seeder.send(block, (bytes) => bytes.fill(0))).toBe(false);
    expect(seeder.asked).toHaveLength(length);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('that nobody asked for goes nowhere: of another length, at another place, of a piece that is not there', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 40, pieceLengthBytes: 64 * KiB });
    const seeder = swarm.peer();
    const { index, offsetBytes } = first(seeder);
    const other = all(40).find((nth) => !seeder.asked.some((block) => block.index === nth)) ?? 0;
    const begins = (...block: readonly [number, number, number]) =>
      seeder.pipeline.blockBegan(...block);
    expect(begins(index, offsetBytes, 16 * KiB - 1)).toBe(-1);
    expect(begins(index, offsetBytes, 32 * KiB)).toBe(-1);
    expect(begins(index, offsetBytes + 1, 16 * KiB)).toBe(-1);
    expect(begins(index, 64 * KiB, 16 * KiB)).toBe(-1);
    expect(begins(index, 2 ** 32 - 16 * KiB, 16 * KiB)).toBe(-1);
    expect(begins(other, 0, 16 * KiB)).toBe(-1);
    expect(begins(40, 0, 16 * KiB)).toBe(-1);
    expect(begins(2 ** 32 - 1, 0, 16 * KiB)).toBe(-1);
    expect(swarm.peer([]).pipeline.blockBegan(index, offsetBytes, 16 * KiB)).toBe(-1);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('that comes after a choke goes nowhere, and is asked for again', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 2, pieceLengthBytes: 64 * KiB });
    const seeder = swarm.peer();
    const block = first(seeder);
    seeder.choke();
    expect(seeder.send(block)).toBe(false);
    seeder.unchoke();
    await swarm.run();
    expectAllThere(swarm);
    expect(seeder.everAsked).toBe(16);
  });

  it('that comes while its piece is being verified or written changes nothing of it', async () => {
    const gate = new Gate();
    const swarm = new HandmadeSwarm({
      pieceCount: 2,
      pieceLengthBytes: 128 * KiB,
      beforeWrite: () => gate.opened,
    });
    const seeder = swarm.peer();
    const { index } = first(seeder);
    const blocks = swarm.blocksOf(index);
    for (const block of blocks) expect(seeder.send(block)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    for (const block of blocks) {
      expect(seeder.send(block, (bytes) => bytes.fill(0))).toBe(false);
    }
    expect(swarm.written).toEqual([]);
    gate.open();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('that comes after its memory serves another piece does not alter that', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 40, pieceLengthBytes: 16 * KiB });
    const seeder = swarm.peer();
    const late: Block[] = [];
    while (!swarm.isComplete) {
      const block = first(seeder);
      late.push(block);
      seeder.send(block);
      await swarm.settled();
      for (const each of late) seeder.send(each, (bytes) => bytes.fill(0));
    }
    expectAllThere(swarm);
    expect(seeder.everAsked).toBe(40);
  });

  it('has one writer at a time: what another sends of it meanwhile goes nowhere', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 16 * KiB });
    const slow = swarm.peer();
    const quick = swarm.peer();
    const block = first(slow);
    expect(first(quick)).toEqual(block);
    expect(slow.beginToSend(block)).toBe(true);
    expect(quick.send(block, (bytes) => bytes.fill(0))).toBe(false);
    expect(slow.endSending()).toBe(true);
    await swarm.run();
    expectAllThere(swarm);
  });

  it('is free again when who was sending it hangs up, and what it had begun is overwritten', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 3, pieceLengthBytes: 32 * KiB });
    const quitter = swarm.peer();
    expect(quitter.beginToSend(first(quitter))).toBe(true);
    quitter.leave();
    expect(quitter.endSending((bytes) => bytes.fill(0))).toBe(false);
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('that another has sent in vain is asked for again when its writer hangs up', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 16 * KiB });
    const quitter = swarm.peer();
    const other = swarm.peer();
    const block = first(quitter);
    expect(quitter.beginToSend(block)).toBe(true);
    expect(other.send(block)).toBe(false);
    quitter.leave();
    await swarm.settled();
    expect(other.asked).toEqual([block]);
    await swarm.run();
    expectAllThere(swarm);
  });
});

type Deed = 'send' | 'end' | 'reject' | 'choke' | 'leave' | 'come' | 'late' | 'settle' | 'look';

const actions = fc.array(
  fc.record({
    action: fc.oneof(
      { weight: 30, arbitrary: fc.constant<Deed>('send') },
      {
        weight: 15,
        arbitrary: fc.constantFrom<Deed>(
          ...(['end', 'reject', 'choke', 'leave', 'come', 'late', 'settle', 'look'] as const),
        ),
      },
    ),
    who: fc.nat(7),
    which: fc.nat(30),
    pieces: fc.array(fc.nat(11), { maxLength: 12 }),
    laterMs: fc.nat(9_000),
  }),
  { maxLength: 150 },
);

describe('a download from peers that do as they please', () => {
  it.each([
    ['in memory', 64 * MiB, 48 * KiB],
    ['in memory, a block a piece', 64 * MiB, 16 * KiB],
    ['block by block', 128 * KiB, 128 * KiB],
  ])(
    'gets everything, each piece once, and gives back all memory, %s',
    async (_, sizeBytes, pieceLengthBytes) => {
      await fc.assert(
        fc.asyncProperty(
          actions,
          fc.integer({ min: 1, max: 48 * KiB }),
          async (story, lastBytes) => {
            const lastPieceBytes = Math.min(lastBytes, pieceLengthBytes);
            const buffers = new PieceBuffers(sizeBytes);
            const swarm = new HandmadeSwarm({
              pieceCount: 12,
              pieceLengthBytes,
              lastPieceBytes,
              buffers,
            });
            for (const reqq of [3, 250]) swarm.peer(undefined, { reqq });
            const past: Block[] = [];
            let nowMs = performance.now();
            for (const { action, who, which, pieces, laterMs } of story) {
              const peers = [...swarm.peers];
              const peer = peers[who % Math.max(1, peers.length)];
              if (action === 'come' || peer === undefined) {
                const isSeeder = which % 4 === 0;
                swarm.peer(isSeeder ? undefined : [...new Set(pieces)], {
                  hasFast: which % 2 === 0,
                  isChoking: which % 5 === 0,
                  ...(which % 3 === 0 ? { reqq: 5 } : {}),
                });
              } else if (action === 'settle') {
                await swarm.settled();
              } else if (action === 'look') {
                nowMs += laterMs;
                for (const each of peers) each.pipeline.tick(nowMs);
              } else if (action === 'leave') {
                peer.leave();
              } else if (peer.isSending) {
                peer.endSending();
              } else if (action === 'choke') {
                if (peer.isChoking) peer.unchoke();
                else peer.choke();
              } else if (action === 'late') {
                const block = past[which % Math.max(1, past.length)];
                if (block !== undefined) peer.send(block, () => {});
              } else {
                const block = peer.asked[which % Math.max(1, peer.asked.length)];
                if (block === undefined) continue;
                past.push(block);
                if (action === 'reject') peer.reject(block);
                else if (action === 'send') peer.send(block);
                else peer.beginToSend(block);
              }
              await Promise.resolve();
            }
            for (const peer of swarm.peers) if (peer.isSending) peer.endSending();
            for (const peer of swarm.peers) peer.isHoldingBack = true;
            const helper = swarm.peer();
            // Who owes something and is silent is snubbed, or hung up on in the end.
            for (let nth = 0; nth < 40 && !swarm.isComplete; nth++) {
              await swarm.run();
              nowMs += 1_000;
              for (const each of [...swarm.peers]) if (each !== helper) each.pipeline.tick(nowMs);
              helper.pipeline.wake();
              await swarm.settled();
            }
            expectAllThere(swarm);
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});

describe('what picking costs', () => {
  it('is some looks at pieces a piece, with 50 peers and 1,000 pieces', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1_000, pieceLengthBytes: 32 * KiB });
    for (let nth = 0; nth < 50; nth++) {
      swarm.peer(all(1_000).filter((index) => nth === 0 || (index * 7 + nth) % 3 === 0));
    }
    await swarm.run();
    expectAllThere(swarm);
    expect(swarm.download.picker.looks).toBeLessThan(40_000);
  });

  it('is nothing for a peer that has nothing more to give', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1_000, pieceLengthBytes: 16 * KiB });
    const poor = swarm.peer([1, 2, 3]);
    poor.sendAll();
    swarm.peer();
    await swarm.settled();
    const { looks } = swarm.download.picker;
    for (let nth = 0; nth < 100; nth++) poor.pipeline.refill();
    expect(swarm.download.picker.looks).toBe(looks);
  });
});
