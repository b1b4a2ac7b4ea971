// Pieces that come bad: who is to blame is found, nobody else is, and the download completes all the same.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';
import type { Block, HandmadePeer } from '../../../../support/data-path/handmade-peer.js';
import { HandmadeSwarm, lateVerifier } from '../../../../support/data-path/handmade-swarm.js';
import { KiB, MiB } from '../../../../support/sizes.js';

const all = (count: number) => Array.from({ length: count }, (_, index) => index);
const spoil = (bytes: Buffer) => void bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
const nthBlock = ({ offsetBytes }: Block) => offsetBytes / (16 * KiB);
const senders = (peers: readonly HandmadePeer[]) => new Set(peers.map(({ sender }) => sender));

function expectAllThere(swarm: HandmadeSwarm): void {
  expect(swarm.violations).toEqual([]);
  expect(swarm.isComplete).toBe(true);
  expect(swarm.disk.equals(swarm.content)).toBe(true);
  expect(swarm.written.toSorted((a, b) => a - b)).toEqual(all(swarm.pieceCount));
  expect(swarm.buffers.usedBytes).toBe(0);
}

/** Who is asked for a piece when. */
function askersOf(swarm: HandmadeSwarm, index: number): HandmadePeer[] {
  return [...swarm.peers].filter(({ asked }) => asked.some((block) => block.index === index));
}

/** A torrent of two pieces: the one here is bad, and three had a part in it, of whom the last lied. */
async function spoilt(options: { readonly pieceLengthBytes?: number } = {}) {
  const swarm = new HandmadeSwarm({
    pieceCount: 1,
    pieceLengthBytes: options.pieceLengthBytes ?? 48 * KiB,
  });
  const blocks = swarm.blocksOf(0);
  const peers = all(3).map(() => swarm.peer(undefined, { reqq: 1 }));
  for (const [nth, peer] of peers.entries()) {
    const [asked] = peer.asked;
    expect(asked).toEqual(blocks[nth]);
    expect(
      peer.send(
        blocks[nth] ?? { index: 0, offsetBytes: 0, lengthBytes: 0 },
        nth === 2 ? spoil : undefined,
      ),
    ).toBe(true);
  }
  return { swarm, peers, blocks };
}

/** Two peers send the piece, all of it bad, and leave. */
async function spoilByTwo(swarm: HandmadeSwarm, index: number): Promise<void> {
  const two = all(2).map(() => swarm.peer([index], { reqq: 1 }));
  const isAsked = () => two.some(({ asked }) => asked.length > 0);
  for (let rest = swarm.blocksOf(index).length; rest > 0 && isAsked(); rest--) {
    two[rest % 2]?.sendNext(spoil);
  }
  for (const peer of two) peer.leave();
  await swarm.settled();
  expect(swarm.banned).toEqual([]);
  expect(swarm.download.underWay.get(index)).toBeUndefined();
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a bad piece', () => {
  it('bannedSenders at once who has sent all of it, and is asked of others', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 3, pieceLengthBytes: 64 * KiB });
    const liar = swarm.peer();
    const { index = 0 } = liar.asked[0] ?? {};
    for (const block of swarm.blocksOf(index))
      liar.send(block, nthBlock(block) === 3 ? spoil : undefined);
    expect(swarm.banned).toEqual([liar.sender]);
    expect(liar.isClosed).toBe(true);
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
    expect(swarm.banned).toEqual([liar.sender]);
  });

  it('bannedSenders nobody of several at once, and is asked of one of them alone', async () => {
    const { swarm, peers } = await spoilt();
    await swarm.settled();
    expect(swarm.banned).toEqual([]);
    expect(askersOf(swarm, 0)).toHaveLength(1);
    await swarm.run((peer, _, bytes) => peer === peers[2] && spoil(bytes));
    expectAllThere(swarm);
    expect(senders([peers[2]].flatMap((peer) => peer ?? []))).toEqual(new Set(swarm.banned));
  });

  it('is asked of one that had no part in it, if there is any, and of that one alone', async () => {
    const { swarm, peers, blocks } = await spoilt();
    const stranger = swarm.peer();
    await swarm.settled();
    if (askersOf(swarm, 0)[0] !== stranger) {
      // One of the three was asked before the stranger came; it gives up.
      askersOf(swarm, 0)[0]?.leave();
      await swarm.settled();
    }
    for (const peer of peers) peer.pipeline.wake();
    expect(stranger.asked.length).toBeGreaterThan(0);
    expect(blocks).toHaveLength(3);
    await swarm.run((peer, _, bytes) => peer === peers[2] && spoil(bytes));
    expectAllThere(swarm);
    expect(swarm.banned).toEqual([peers[2]?.sender]);
  });

  it('is not asked of a suspect while a stranger has it too', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1, pieceLengthBytes: 48 * KiB });
    const peers = all(3).map(() => swarm.peer(undefined, { reqq: 1 }));
    const stranger = swarm.peer(undefined, { reqq: 1 });
    for (const [nth, peer] of peers.entries()) peer.sendNext(nth === 2 ? spoil : undefined);
    await swarm.settled();
    expect(askersOf(swarm, 0)).toEqual([stranger]);
    for (const peer of peers) peer.pipeline.wake();
    expect(askersOf(swarm, 0)).toEqual([stranger]);
    await swarm.run();
    expectAllThere(swarm);
    expect(swarm.banned).toEqual([peers[2]?.sender]);
  });

  it('may be helped with by others when its holder leaves', async () => {
    const { swarm, peers } = await spoilt();
    await swarm.settled();
    const [holder] = askersOf(swarm, 0);
    holder?.leave();
    await swarm.run((peer, _, bytes) => peer === peers[2] && spoil(bytes));
    for (let nth = 0; nth < 3 && !swarm.isComplete; nth++) {
      if (swarm.peers.size === 0) swarm.peer();
      await swarm.run((peer, _, bytes) => peer === peers[2] && spoil(bytes));
    }
    expectAllThere(swarm);
    expect(swarm.banned).toEqual([peers[2]?.sender]);
  });

  it('may be helped with by others when its holder sends nothing for ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
    const { swarm, peers } = await spoilt();
    await swarm.settled();
    const [holder] = askersOf(swarm, 0);
    expect(holder).toBeDefined();
    vi.advanceTimersByTime(9_000);
    await swarm.settled();
    expect(askersOf(swarm, 0)).toEqual([holder]);
    vi.advanceTimersByTime(2_000);
    await swarm.settled();
    expect(askersOf(swarm, 0).length).toBeGreaterThan(1);
    if (holder !== undefined) holder.isHoldingBack = true;
    await swarm.run();
    expectAllThere(swarm);
    expect(swarm.banned).toEqual([peers[2]?.sender]);
  });

  it('may be helped with by others when its holder chokes us', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
    const { swarm, peers } = await spoilt();
    await swarm.settled();
    askersOf(swarm, 0)[0]?.choke();
    vi.advanceTimersByTime(11_000);
    await swarm.run();
    expectAllThere(swarm);
    expect(swarm.banned).toEqual([peers[2]?.sender]);
  });

  it('that nobody has any more does not keep other bad ones from being asked for', async () => {
    const swarm = new HandmadeSwarm({
      pieceCount: 40,
      pieceLengthBytes: 32 * KiB,
      verifier: lateVerifier,
    });
    for (let index = 0; index < 40; index++) await spoilByTwo(swarm, index);
    swarm.peer(all(40).slice(20));
    await swarm.run();
    expect(swarm.written.toSorted((a, b) => a - b)).toEqual(all(40).slice(20));
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
  });

  it('for which there is no room does not keep half-done ones from being finished', async () => {
    const swarm = new HandmadeSwarm({
      pieceCount: 40,
      pieceLengthBytes: 1 * MiB,
      verifier: lateVerifier,
    });
    await spoilByTwo(swarm, 0);
    // These fill all the room there is, and those who were asked for them are gone.
    for (let index = 1; index < 40; index++) swarm.peer([index]).leave();
    expect(swarm.download.picker.offered).toBeGreaterThan(0);
    swarm.peer();
    await swarm.run();
    expectAllThere(swarm);
  });
});

type Answer = (block: Block, nth: number) => boolean;

describe('among poisoners', () => {
  const every: Answer = () => true;
  const fourth: Answer = (block) => nthBlock(block) % 4 === 0;
  const once: Answer = (block) => nthBlock(block) === 5;

  it.each<[string, number, Answer]>([
    ['three whose every block is bad', 3, every],
    ['three of whose blocks every fourth is bad', 3, fourth],
    ['three of whose blocks one in a piece is bad', 3, once],
    ['ten whose every block is bad', 10, every],
    ['ten of whose blocks every fourth is bad', 10, fourth],
  ])(
    '(%s) a download from one honest seeder completes, and bannedSenders liars alone',
    async (_, count, isBad) => {
      const swarm = new HandmadeSwarm({ pieceCount: 40, pieceLengthBytes: 1 * MiB });
      const liars = all(count).map(() => swarm.peer());
      const honest = swarm.peer();
      const lied = new Set<HandmadePeer>();
      await swarm.run((peer, block, bytes) => {
        if (peer === honest || !isBad(block, 0)) return;
        spoil(bytes);
        lied.add(peer);
      });
      expectAllThere(swarm);
      expect(swarm.banned).not.toContain(honest.sender);
      expect(new Set(swarm.banned)).toEqual(senders([...lied]));
      expect(liars.length).toBe(count);
    },
  );

  it('of all sorts, nobody honest is ever banned, and who sent a bad block of a piece is', async () => {
    const peer = fc.record({
      isLiar: fc.boolean(),
      /** How many of its blocks in a thousand are bad. */
      badness: fc.constantFrom(20, 200, 1000),
      pieces: fc.option(fc.uniqueArray(fc.nat(9), { minLength: 1 }), { nil: undefined }),
      reqq: fc.constantFrom(1, 3, 250),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(peer, { maxLength: 8 }),
        fc.infiniteStream(fc.nat(999)),
        fc.constantFrom(64 * MiB, 128 * KiB),
        async (cast, chances, sizeBytes) => {
          const swarm = new HandmadeSwarm({
            pieceCount: 10,
            pieceLengthBytes: 128 * KiB,
            buffers: new PieceBuffers(sizeBytes),
          });
          const conduct = new Map(
            cast.map((each) => [swarm.peer(each.pieces, { reqq: each.reqq }), each]),
          );
          const lied = new Map<HandmadePeer, Set<number>>();
          const honest = swarm.peer();
          await swarm.run((sender, block, bytes) => {
            const { isLiar = false, badness = 0 } = conduct.get(sender) ?? {};
            if (!isLiar || (chances.next().value ?? 0) >= badness) return;
            spoil(bytes);
            const pieces = lied.get(sender) ?? new Set();
            lied.set(sender, pieces.add(block.index));
          });
          expectAllThere(swarm);
          expect(swarm.banned).not.toContain(honest.sender);
          expect(new Set(swarm.banned)).toEqual(senders([...lied.keys()]));
        },
      ),
      { numRuns: 100 },
    );
  });
});
