// Downloads for whose pieces there is no memory: too long ones, and others when memory is full; and a disk that refuses.
import { describe, expect, it } from 'vitest';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';
import {
  Gate,
  type HandmadeOptions,
  HandmadeSwarm,
  type Write,
} from '../../../../support/data-path/handmade-swarm.js';
import { KiB, MiB } from '../../../../support/sizes.js';

const all = (count: number) => Array.from({ length: count }, (_, index) => index);
const spoil = (bytes: Buffer) => void bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);

function expectAllThere(swarm: HandmadeSwarm): void {
  expect(swarm.violations).toEqual([]);
  expect(swarm.failures).toEqual([]);
  expect(swarm.isComplete).toBe(true);
  expect(swarm.disk.equals(swarm.content)).toBe(true);
  expect(swarm.written.toSorted((a, b) => a - b)).toEqual(all(swarm.pieceCount));
}

const isWrite = (entry: object): entry is Write => 'lengthBytes' in entry;
const unverifiedBytes = (swarm: HandmadeSwarm, beforeBytes = Number.POSITIVE_INFINITY) =>
  swarm.log
    .filter(isWrite)
    .filter(({ isUnverified, offsetBytes }) => isUnverified && offsetBytes < beforeBytes)
    .reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);

describe('pieces too long for memory', () => {
  const long = (options: Partial<HandmadeOptions> = {}) =>
    new HandmadeSwarm({
      pieceCount: 3,
      pieceLengthBytes: 1 * MiB,
      lastPieceBytes: 500_001,
      buffers: new PieceBuffers(1 * MiB),
      ...options,
    });

  it('go to disk block by block, after the journal has named them', async () => {
    const swarm = long();
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
    // The last piece is short: it goes to disk only if blocks of the others fill the memory just then.
    expect(unverifiedBytes(swarm, 2 * MiB)).toBe(2 * MiB);
    const named = new Set<number>();
    for (const entry of swarm.log) {
      if ('named' in entry) for (const index of entry.named) named.add(index);
      else expect(named).toContain(Math.floor(entry.offsetBytes / MiB));
    }
  });

  it('come from several peers at once', async () => {
    const swarm = long();
    const peers = all(4).map(() => swarm.peer());
    await swarm.run();
    expectAllThere(swarm);
    for (const peer of peers) expect(peer.everAsked).toBeGreaterThan(0);
  });

  it('are longer than 16 MiB in the memory of an engine', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 2, pieceLengthBytes: 17 * MiB });
    let mostBytes = 0;
    swarm.peer();
    await swarm.run(() => {
      mostBytes = Math.max(mostBytes, swarm.buffers.usedBytes);
    });
    expectAllThere(swarm);
    expect(mostBytes).toBeGreaterThan(0);
    expect(mostBytes).toBeLessThanOrEqual(4 * MiB);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('are read back and found bad: fetched again, and the liar among several is told by its blocks', async () => {
    const swarm = long();
    const [liar, honest] = [swarm.peer(), swarm.peer()];
    await swarm.run((peer, block, bytes) => {
      if (peer === liar && (block.offsetBytes / (16 * KiB)) % 5 === 0) spoil(bytes);
    });
    if (!swarm.isComplete) swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
    expect(new Set(swarm.banned)).toEqual(new Set([liar.sender]));
    expect(honest.isClosed).toBe(false);
  });

  it('ban at once who has sent all of one', async () => {
    const swarm = long({ pieceCount: 1 });
    const liar = swarm.peer();
    await swarm.run((_, __, bytes) => spoil(bytes));
    expect(swarm.banned).toEqual([liar.sender]);
    expect(swarm.written).toEqual([]);
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('wait for a disk that is slower than the network, and go on when it has caught up', async () => {
    const gate = new Gate();
    const swarm = new HandmadeSwarm({
      pieceCount: 2,
      pieceLengthBytes: 17 * MiB,
      beforeWrite: () => gate.opened,
    });
    const peers = all(3).map(() => swarm.peer());
    // Nothing is written, and still what they are asked for ends.
    for (let nth = 0; peers.some(({ asked }) => asked.length > 0) && nth < 5_000; nth++) {
      for (const peer of peers) peer.sendNext();
      if (nth % 16 === 0) await Promise.resolve();
    }
    expect(peers.flatMap(({ asked }) => asked)).toEqual([]);
    const blocks = peers.reduce((sum, { everAsked }) => sum + everAsked, 0);
    expect(blocks).toBeLessThan(2 * 17 * 64);
    expect(swarm.buffers.usedBytes).toBeLessThan(12 * MiB);
    gate.open();
    await swarm.run();
    expectAllThere(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
    // No block was fetched twice, but those of the end game.
    const asked = peers.reduce((sum, { everAsked }) => sum + everAsked, 0);
    expect(asked).toBeLessThan(2 * 17 * 64 + 100);
  });

  it('do not ask for the same block over and over while there is no memory for a single one', async () => {
    const gate = new Gate();
    const buffers = new PieceBuffers(512 * KiB);
    const swarm = long({ buffers, beforeWrite: () => gate.opened });
    const seeder = swarm.peer();
    for (let nth = 0; nth < 500; nth++) {
      seeder.sendNext();
      await Promise.resolve();
    }
    expect(seeder.everAsked).toBeLessThan(100);
    gate.open();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('give back the memory of a block whose sender hangs up, or is snubbed', async () => {
    const swarm = long({ lastPieceBytes: 1 * MiB });
    const quitter = swarm.peer();
    const [block] = quitter.asked;
    expect(block !== undefined && quitter.beginToSend(block)).toBe(true);
    expect(swarm.buffers.usedBytes).toBe(16 * KiB);
    quitter.leave();
    expect(swarm.buffers.usedBytes).toBe(0);
    const silent = swarm.peer();
    const [next] = silent.asked;
    expect(next !== undefined && silent.beginToSend(next)).toBe(true);
    const other = swarm.peer(undefined, { reqq: 1 });
    for (let nth = 0; !other.pipeline.isIdle && nth < 200; nth++) other.sendNext();
    for (const asked of [...other.asked]) other.reject(asked);
    if (other.pipeline.isIdle) silent.pipeline.tick(performance.now() + 5_000);
    silent.leave();
    await swarm.settled();
    expect(swarm.buffers.usedBytes).toBe(0);
  });
});

/** All that pieces can get, in parts of `lengthBytes`. */
function takeAll(buffers: PieceBuffers, lengthBytes: number): number[] {
  const taken: number[] = [];
  for (
    let at = buffers.allocatePiece(lengthBytes);
    at !== -1;
    at = buffers.allocatePiece(lengthBytes)
  ) {
    taken.push(at);
  }
  return taken;
}

describe('when others have taken the memory', () => {
  it('a download goes on block by block', async () => {
    const buffers = new PieceBuffers(1 * MiB);
    const taken = takeAll(buffers, 64 * KiB);
    const { usedBytes } = buffers;
    const swarm = new HandmadeSwarm({ pieceCount: 20, pieceLengthBytes: 64 * KiB, buffers });
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
    expect(unverifiedBytes(swarm)).toBe(swarm.content.length);
    expect(buffers.usedBytes).toBe(usedBytes);
    expect(taken.length).toBeGreaterThan(0);
  });

  it('a download goes on in memory once it is given back', async () => {
    const buffers = new PieceBuffers(1 * MiB);
    const taken = takeAll(buffers, 64 * KiB);
    const swarm = new HandmadeSwarm({ pieceCount: 60, pieceLengthBytes: 64 * KiB, buffers });
    swarm.peer();
    for (const at of taken) buffers.free(at);
    await swarm.run();
    expectAllThere(swarm);
    expect(unverifiedBytes(swarm)).toBeLessThan(60 * 64 * KiB);
    expect(buffers.usedBytes).toBe(0);
  });

  it('without memory for a single block, a download waits until there is some', async () => {
    const buffers = new PieceBuffers(1 * MiB);
    takeAll(buffers, 64 * KiB);
    const blocks: number[] = [];
    for (
      let at = buffers.allocateBlock(16 * KiB);
      at !== -1;
      at = buffers.allocateBlock(16 * KiB)
    ) {
      blocks.push(at);
    }
    expect(buffers.usedBytes).toBe(1 * MiB);
    const swarm = new HandmadeSwarm({ pieceCount: 10, pieceLengthBytes: 64 * KiB, buffers });
    const seeder = swarm.peer();
    for (let nth = 0; nth < 100; nth++) {
      seeder.sendNext();
      await swarm.settled();
    }
    expect(swarm.written).toEqual([]);
    for (const at of blocks) buffers.free(at);
    await swarm.settled();
    await swarm.run();
    expectAllThere(swarm);
  });

  async function runTogether(swarms: readonly HandmadeSwarm[]): Promise<void> {
    for (let nth = 0; nth < 5_000 && !swarms.every(({ isComplete }) => isComplete); nth++) {
      for (const swarm of swarms) {
        for (const peer of swarm.peers) for (let sent = 0; sent < 4; sent++) peer.sendNext();
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (nth % 10 === 0) await Promise.all(swarms.map((swarm) => swarm.settled()));
    }
    await Promise.all(swarms.map((swarm) => swarm.settled()));
  }

  it.each([
    [2, 512 * KiB, 64 * KiB],
    [20, 1 * MiB, 64 * KiB],
    [20, 1 * MiB, 16 * KiB],
    [20, 512 * KiB, 256 * KiB],
    [5, 256 * KiB, 300 * KiB],
  ])(
    '%d downloads that share %d bytes of it all end, with pieces of %d',
    async (count, sizeBytes, pieceLengthBytes) => {
      const buffers = new PieceBuffers(sizeBytes);
      const swarms = all(count).map(
        () => new HandmadeSwarm({ pieceCount: 30, pieceLengthBytes, buffers }),
      );
      for (const swarm of swarms) for (const _ of all(2)) swarm.peer();
      await runTogether(swarms);
      for (const swarm of swarms) expectAllThere(swarm);
      expect(buffers.usedBytes).toBe(0);
    },
  );

  it('downloads whose peers send nothing do not starve another', async () => {
    const buffers = new PieceBuffers(1 * MiB);
    const stuck = all(10).map(
      () => new HandmadeSwarm({ pieceCount: 30, pieceLengthBytes: 64 * KiB, buffers }),
    );
    for (const swarm of stuck) swarm.peer();
    const swarm = new HandmadeSwarm({ pieceCount: 30, pieceLengthBytes: 64 * KiB, buffers });
    swarm.peer();
    await runTogether([swarm]);
    expectAllThere(swarm);
    for (const each of stuck) each.download.close();
    expect(buffers.usedBytes).toBe(0);
  });
});

describe('a disk that refuses', () => {
  const refuse = async () => {
    throw new Error('no');
  };

  it.each([
    ['whole pieces', 4 * MiB],
    ['blocks', 128 * KiB],
  ])('%s, is told of once, and all memory is given back', async (_, sizeBytes) => {
    const swarm = new HandmadeSwarm({
      pieceCount: 20,
      pieceLengthBytes: 128 * KiB,
      buffers: new PieceBuffers(sizeBytes),
      beforeWrite: refuse,
    });
    const peers = all(2).map(() => swarm.peer());
    await swarm.run(undefined, () => swarm.failures.length > 0);
    expect(swarm.failures).toHaveLength(1);
    for (const peer of peers) for (let nth = 0; nth < 20; nth++) peer.sendNext();
    await swarm.settled();
    swarm.download.close();
    await swarm.settled();
    expect(swarm.failures).toHaveLength(1);
    expect(swarm.written).toEqual([]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('to be read from, is told of once, and the download can be left', async () => {
    const swarm = new HandmadeSwarm({
      pieceCount: 2,
      pieceLengthBytes: 128 * KiB,
      buffers: new PieceBuffers(128 * KiB),
      beforeRead: refuse,
    });
    const seeder = swarm.peer();
    while (swarm.failures.length === 0) {
      seeder.sendNext();
      await new Promise((resolve) => setImmediate(resolve));
    }
    swarm.download.close();
    await swarm.settled();
    expect(swarm.failures).toHaveLength(1);
    expect(swarm.written).toEqual([]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('is written to as long as it takes anything: one piece after the other', async () => {
    const onDisk = new Set<number>();
    let refusedBatch: unknown;
    const swarm: HandmadeSwarm = new HandmadeSwarm({
      pieceCount: 20,
      pieceLengthBytes: 64 * KiB,
      beforeWrite: async ({ offsetBytes, lengthBytes }) => {
        const first = offsetBytes / (64 * KiB);
        const pieces = Array.from({ length: lengthBytes / (64 * KiB) }, (_, nth) => first + nth);
        const batch = swarm.log.findLast((entry) => 'named' in entry);
        // What is there already takes no more room when it is written again.
        if (batch === refusedBatch || new Set([...onDisk, ...pieces]).size > 5) {
          refusedBatch = batch;
          throw new Error('full');
        }
        for (const piece of pieces) onDisk.add(piece);
      },
    });
    swarm.peer();
    await swarm.run(undefined, () => swarm.failures.length > 0);
    await swarm.settled();
    swarm.download.close();
    await swarm.settled();
    expect(swarm.failures).toHaveLength(1);
    expect(onDisk.size).toBe(5);
    expect(swarm.written).toHaveLength(5);
    for (const index of swarm.written) {
      const [from, to] = [index * 64 * KiB, (index + 1) * 64 * KiB];
      expect(swarm.disk.subarray(from, to).equals(swarm.content.subarray(from, to))).toBe(true);
    }
    expect(swarm.buffers.usedBytes).toBe(0);
  });
});
