// A download that is left, whatever it is doing: nothing is asked for any more, what is whole is still written, and all
// memory is given back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';
import type { HandmadePeer } from '../../../../support/data-path/handmade-peer.js';
import {
  Gate,
  type HandmadeOptions,
  HandmadeSwarm,
  lateVerifier,
} from '../../../../support/data-path/handmade-swarm.js';
import { KiB, MiB } from '../../../../support/sizes.js';

const spoil = (bytes: Buffer) => void bytes.fill(0);

function swarmOf(options: Partial<HandmadeOptions> = {}): HandmadeSwarm {
  return new HandmadeSwarm({ pieceCount: 4, pieceLengthBytes: 64 * KiB, ...options });
}

function sendPiece(swarm: HandmadeSwarm, peer: HandmadePeer, index = peer.asked[0]?.index ?? 0) {
  for (const block of swarm.blocksOf(index)) expect(peer.send(block)).toBe(true);
  return index;
}

/** Closes it, and looks that nothing is asked for or taken afterwards. */
async function leave(swarm: HandmadeSwarm): Promise<void> {
  const asked = [...swarm.peers].map((peer) => ({ peer, blocks: [...peer.asked] }));
  const before = asked.map(({ peer }) => peer.everAsked);
  swarm.download.close();
  swarm.download.close();
  for (const { peer, blocks } of asked) {
    if (peer.isSending) expect(peer.endSending(spoil)).toBe(false);
    for (const block of blocks) expect(peer.send(block, spoil)).toBe(false);
    peer.pipeline.wake();
    peer.pipeline.tick(performance.now() + 60_000);
  }
  await swarm.settled();
  for (const { peer } of asked) peer.leave();
  await swarm.settled();
  expect(asked.map(({ peer }) => peer.everAsked)).toEqual(before);
  expect(swarm.download.isOver).toBe(true);
  expect(swarm.failures).toEqual([]);
  for (const index of swarm.written) {
    const [from, to] = [index * swarm.pieceLengthBytes, (index + 1) * swarm.pieceLengthBytes];
    expect(swarm.disk.subarray(from, to).equals(swarm.content.subarray(from, to))).toBe(true);
  }
}

describe('a download that is left', () => {
  it('while nobody is there', async () => {
    const swarm = swarmOf();
    await leave(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while nothing has been asked for', async () => {
    const swarm = swarmOf();
    swarm.peer(undefined, { isChoking: true });
    await leave(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while blocks are asked for', async () => {
    const swarm = swarmOf();
    swarm.peer();
    expect(swarm.buffers.usedBytes).toBe(128 * KiB);
    await leave(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
    expect(swarm.written).toEqual([]);
  });

  it('while the last blocks of a long piece are being written, which is verified then', async () => {
    const gate = new Gate();
    const buffers = new PieceBuffers(1 * MiB);
    const long = { pieceLengthBytes: 1 * MiB, buffers, beforeWrite: () => gate.opened };
    const swarm = swarmOf(long);
    const seeder = swarm.peer();
    const index = sendPiece(swarm, seeder);
    expect(swarm.buffers.usedBytes).toBe(1 * MiB);
    setImmediate(() => gate.open());
    await leave(swarm);
    expect(swarm.written).toEqual([index]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while a block comes in', async () => {
    const swarm = swarmOf();
    const seeder = swarm.peer();
    const [block] = seeder.asked;
    expect(block !== undefined && seeder.beginToSend(block)).toBe(true);
    await leave(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while a piece is being verified: it is written all the same', async () => {
    const swarm = swarmOf({ verifier: lateVerifier });
    const index = sendPiece(swarm, swarm.peer());
    expect(swarm.written).toEqual([]);
    await leave(swarm);
    expect(swarm.written).toEqual([index]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while a bad piece is being verified', async () => {
    const swarm = swarmOf({ verifier: lateVerifier });
    const peer = swarm.peer();
    for (const block of swarm.blocksOf(peer.asked[0]?.index ?? 0)) peer.send(block, spoil);
    await leave(swarm);
    expect(swarm.written).toEqual([]);
    expect(swarm.banned).toEqual([peer.sender]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while a piece waits to be written: it is', async () => {
    const swarm = swarmOf();
    const index = sendPiece(swarm, swarm.peer());
    expect(swarm.written).toEqual([]);
    await leave(swarm);
    expect(swarm.written).toEqual([index]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while a piece is being written', async () => {
    const gate = new Gate();
    const swarm = swarmOf({ pieceCount: 1, beforeWrite: () => gate.opened });
    const peer = swarm.peer();
    const index = sendPiece(swarm, peer);
    await new Promise((resolve) => setImmediate(resolve));
    swarm.download.close();
    expect(swarm.buffers.usedBytes).toBe(64 * KiB);
    gate.open();
    await leave(swarm);
    expect(swarm.written).toEqual([index]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it.each([
    ['asked for', 0],
    ['written', 3],
    ['all there', 64],
  ])('while blocks of a piece that goes to disk by the block are %s', async (_, sent) => {
    const gate = new Gate();
    const swarm = swarmOf({
      pieceCount: 2,
      pieceLengthBytes: 1 * MiB,
      buffers: new PieceBuffers(1 * MiB),
      beforeWrite: () => gate.opened,
    });
    const seeder = swarm.peer();
    const { index = 0 } = seeder.asked[0] ?? {};
    for (const block of swarm.blocksOf(index).slice(0, sent)) seeder.send(block);
    const [next] = seeder.asked;
    if (next !== undefined) seeder.beginToSend(next);
    await new Promise((resolve) => setImmediate(resolve));
    swarm.download.close();
    gate.open();
    await leave(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while a piece on disk is being verified: it is kept', async () => {
    const swarm = swarmOf({
      pieceCount: 2,
      pieceLengthBytes: 256 * KiB,
      buffers: new PieceBuffers(256 * KiB),
    });
    const seeder = swarm.peer();
    const { index = 0 } = seeder.asked[0] ?? {};
    for (const block of swarm.blocksOf(index)) {
      while (!seeder.asked.some(({ offsetBytes }) => offsetBytes === block.offsetBytes)) {
        await Promise.resolve();
      }
      seeder.send(block);
      for (let nth = 0; nth < 4; nth++) await Promise.resolve();
    }
    while (swarm.download.underWay.get(index) !== undefined) await Promise.resolve();
    expect(swarm.written).toEqual([]);
    await leave(swarm);
    expect(swarm.written).toEqual([index]);
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('while a bad piece is being fetched anew', async () => {
    const swarm = swarmOf({ pieceCount: 1 });
    const peers = [0, 1].map(() => swarm.peer(undefined, { reqq: 1 }));
    for (let nth = 0; nth < 4; nth++) peers[nth % 2]?.sendNext(spoil);
    await swarm.settled();
    expect(swarm.download.underWay.get(0)?.onlyOf).toBeDefined();
    await leave(swarm);
    expect(swarm.buffers.usedBytes).toBe(0);
    expect(swarm.banned).toEqual([]);
  });

  it('while it waits for memory: nobody wakes it', async () => {
    const buffers = new PieceBuffers(256 * KiB);
    const taken: number[] = [];
    for (
      let at = buffers.allocatePiece(64 * KiB);
      at !== -1;
      at = buffers.allocatePiece(64 * KiB)
    ) {
      taken.push(at);
    }
    const swarm = swarmOf({ buffers });
    const seeder = swarm.peer();
    swarm.download.close();
    const { everAsked } = seeder;
    for (const at of taken) buffers.free(at);
    await swarm.settled();
    expect(seeder.everAsked).toBe(everAsked);
    expect(buffers.usedBytes).toBe(0);
  });

  it('takes nobody any more', async () => {
    const swarm = swarmOf();
    swarm.download.close();
    const late = swarm.peer();
    await swarm.settled();
    expect(late.everAsked).toBe(0);
    late.leave();
    expect(swarm.buffers.usedBytes).toBe(0);
  });

  it('at any time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ who: fc.nat(2), action: fc.constantFrom('good', 'bad', 'begin', 'turn') }),
          { maxLength: 60 },
        ),
        fc.constantFrom(64 * MiB, 128 * KiB, 64 * KiB),
        fc.boolean(),
        async (story, sizeBytes, isLate) => {
          const swarm = swarmOf({
            buffers: new PieceBuffers(sizeBytes),
            ...(isLate ? { verifier: lateVerifier } : {}),
          });
          const peers = [undefined, [0, 1], [2, 3]].map((pieces) => swarm.peer(pieces));
          for (const { who, action } of story) {
            const peer = peers[who];
            const [block] = peer?.asked ?? [];
            if (action === 'turn') await new Promise((resolve) => setImmediate(resolve));
            else if (peer?.isSending) peer.endSending();
            else if (block === undefined) continue;
            else if (action === 'begin') peer?.beginToSend(block);
            else peer?.send(block, action === 'bad' ? spoil : undefined);
          }
          await leave(swarm);
          expect(swarm.buffers.usedBytes).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
