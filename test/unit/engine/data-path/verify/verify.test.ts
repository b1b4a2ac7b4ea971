// Hashing pieces where they lie: at once, or in threads, of which none must be relied on.
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PieceBuffers } from '../../../../../src/engine/data-path/pieces/piece-buffers.js';
import {
  createVerifier,
  idleThreadMs,
  type ThreadedVerifier,
  type Verifier,
} from '../../../../../src/engine/data-path/verify/verify.js';
import { runForTorrent, throwingTorrent } from '../../../../../src/engine/torrent-context.js';

const KiB = 1024;
const verifiers: Verifier[] = [];

afterEach(async () => {
  await Promise.all(verifiers.splice(0).map((verifier) => verifier.close()));
});

/** Pieces of these lengths in memory, with what they hash to. */
function piecesIn(buffers: PieceBuffers, lengths: readonly number[]) {
  return lengths.map((lengthBytes) => {
    const startBytes = buffers.allocatePiece(lengthBytes);
    if (startBytes === -1) throw new Error('no room');
    const bytes = randomBytes(lengthBytes);
    bytes.copy(buffers.memory, startBytes);
    return { startBytes, lengthBytes, hash: createHash('sha1').update(bytes).digest('hex') };
  });
}

type Piece = ReturnType<typeof piecesIn>[number];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The answers in the order in which they came: which piece, and its hash. */
async function verifyAll(verifier: Verifier, pieces: readonly Piece[]) {
  const answers: { readonly nth: number; readonly hash: string }[] = [];
  await new Promise<void>((resolve) => {
    for (const [nth, { startBytes, lengthBytes }] of pieces.entries()) {
      verifier.verify(startBytes, lengthBytes, (hash) => {
        answers.push({ nth, hash: hex(hash) });
        if (answers.length === pieces.length) resolve();
      });
    }
  });
  return answers;
}

/** `source`: what its threads run instead of ours. */
function verifierOf(buffers: PieceBuffers, cores: number, source?: string): ThreadedVerifier {
  const verifier = createVerifier(buffers, cores, 0, source);
  verifiers.push(verifier);
  return verifier;
}

const lengths = [64 * KiB, 1024 * KiB, 100_001, 512 * KiB, 65_537, 64 * KiB];

describe('a piece', () => {
  it('is told of as the work of its torrent, though the threads are all torrents’', async () => {
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const verifier = verifierOf(buffers, 2);
    const pieces = piecesIn(buffers, [1024 * KiB, 1024 * KiB]);
    const told = await Promise.all(
      pieces.map(
        ({ startBytes, lengthBytes }, nth) =>
          new Promise((resolve) => {
            runForTorrent(`torrent ${nth}`, () =>
              verifier.verify(startBytes, lengthBytes, () =>
                resolve(throwingTorrent(new Error('a bug'))),
              ),
            );
          }),
      ),
    );
    expect(told).toEqual(['torrent 0', 'torrent 1']);
  });

  it.each([1, 2, 8])('is hashed where it lies, on %d cores', async (cores) => {
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const pieces = piecesIn(buffers, [...lengths, 1, 16 * KiB, 64 * KiB - 1]);
    const answers = await verifyAll(verifierOf(buffers, cores), pieces);
    const expected = pieces.map(({ hash }, nth) => ({ nth, hash }));
    expect(answers.toSorted((a, b) => a.nth - b.nth)).toEqual(expected);
  });

  it('that is small is hashed at once', () => {
    const buffers = new PieceBuffers(1024 * KiB);
    const [small] = piecesIn(buffers, [64 * KiB - 1]);
    const hashes: string[] = [];
    verifierOf(buffers, 8).verify(small?.startBytes ?? 0, 64 * KiB - 1, (hash) => {
      hashes.push(hex(hash));
    });
    expect(hashes).toEqual([small?.hash]);
  });

  it('that is large is hashed in a later turn where there is a core for it, at once where there is none', () => {
    const buffers = new PieceBuffers(1024 * KiB);
    const [large] = piecesIn(buffers, [512 * KiB]);
    const hashes: string[] = [];
    const note = (hash: Uint8Array) => void hashes.push(hex(hash));
    verifierOf(buffers, 2).verify(large?.startBytes ?? 0, 512 * KiB, note);
    expect(hashes).toEqual([]);
    verifierOf(buffers, 1).verify(large?.startBytes ?? 0, 512 * KiB, note);
    expect(hashes).toEqual([large?.hash]);
  });

  it('is hashed at once until that has cost as much as a thread, unless it is longer than 1 MiB', () => {
    const buffers = new PieceBuffers(2048 * KiB);
    const [piece] = piecesIn(buffers, [512 * KiB]);
    const startBytes = piece?.startBytes ?? 0;
    const verifier = createVerifier(buffers, 2, 1024 * KiB);
    verifiers.push(verifier);
    let answers = 0;
    const count = () => void answers++;
    verifier.verify(startBytes, 1024 * KiB + 1, count);
    expect(answers).toBe(0);
    for (let nth = 0; nth < 3; nth++) verifier.verify(startBytes, 512 * KiB, count);
    expect(answers).toBe(2);
  });

  it('is answered for in the order of asking by the one thread that a few cores have', async () => {
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const verifier = verifierOf(buffers, 2);
    const pieces = piecesIn(buffers, lengths);
    for (let round = 0; round < 3; round++) {
      const answers = await verifyAll(verifier, pieces);
      expect(answers).toEqual(pieces.map(({ hash }, nth) => ({ nth, hash })));
    }
  });

  it('asked for while others are answered is answered too', async () => {
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const verifier = verifierOf(buffers, 2);
    const pieces = piecesIn(buffers, lengths);
    const hashes: string[] = [];
    await new Promise<void>((resolve) => {
      const next = (nth: number) => {
        const piece = pieces[nth];
        if (piece === undefined) return resolve();
        verifier.verify(piece.startBytes, piece.lengthBytes, (hash) => {
          hashes.push(hex(hash));
          next(nth + 1);
        });
      };
      next(0);
    });
    expect(hashes).toEqual(pieces.map(({ hash }) => hash));
  });
});

describe('a thread that is lost takes nothing with it', () => {
  it.each([
    ['cannot be started', 'this is no JavaScript'],
    ['ends at once', ''],
    ['throws at once', 'throw new Error("no")'],
    [
      'throws when it is asked',
      "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => { throw new Error('no'); });",
    ],
    [
      'ends when it is asked',
      "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => process.exit(1));",
    ],
  ])('if it %s', async (_, source) => {
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const verifier = verifierOf(buffers, 2, source);
    const pieces = piecesIn(buffers, lengths);
    for (let round = 0; round < 2; round++) {
      const answers = await verifyAll(verifier, pieces);
      const expected = pieces.map(({ hash }, nth) => ({ nth, hash }));
      expect(answers.toSorted((a, b) => a.nth - b.nth)).toEqual(expected);
    }
  });

  it('if it is closed: what it was asked is answered, and so is what is asked later', async () => {
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const verifier = verifierOf(buffers, 2);
    const pieces = piecesIn(buffers, lengths);
    const all = verifyAll(verifier, pieces);
    await verifier.close();
    expect(await all).toHaveLength(pieces.length);
    expect(await verifyAll(verifier, pieces)).toEqual(
      pieces.map(({ hash }, nth) => ({ nth, hash })),
    );
    await verifier.close();
  });

  it('and no answer is given twice', async () => {
    // It answers the first, and ends with the second.
    const source = `
      const { createHash } = require('node:crypto');
      const { parentPort, workerData } = require('node:worker_threads');
      let asked = 0;
      parentPort.on('message', (request) => {
        if (asked++ > 0) process.exit(1);
        const [start, length] = request;
        const piece = Buffer.from(workerData).subarray(start, start + length);
        parentPort.postMessage(new Uint8Array(createHash('sha1').update(piece).digest()));
      });
    `;
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const verifier = verifierOf(buffers, 2, source);
    const pieces = piecesIn(buffers, lengths);
    const times = new Map<number, number>();
    const hashes: string[] = [];
    for (const [nth, { startBytes, lengthBytes }] of pieces.entries()) {
      await new Promise<void>((resolve) => {
        verifier.verify(startBytes, lengthBytes, (hash) => {
          times.set(nth, (times.get(nth) ?? 0) + 1);
          hashes.push(hex(hash));
          resolve();
        });
      });
    }
    expect(hashes).toEqual(pieces.map(({ hash }) => hash));
    expect([...times.values()]).toEqual(pieces.map(() => 1));
  });
});

describe('threads that hash', () => {
  it('end when there was nothing for them for a while, and are started anew when there is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const pieces = piecesIn(buffers, [1024 * KiB, 512 * KiB]);
    const verifier = verifierOf(buffers, 2);
    for (let nth = 0; nth < 2; nth += 1) {
      const answers = await verifyAll(verifier, pieces);
      expect(answers.map(({ hash }) => hash)).toEqual(pieces.map(({ hash }) => hash));
      vi.advanceTimersByTime(idleThreadMs);
      expect([verifier.threadCount, vi.getTimerCount()]).toEqual([1, 1]);
      vi.advanceTimersByTime(idleThreadMs);
      expect([verifier.threadCount, vi.getTimerCount()]).toEqual([0, 0]);
    }
  });

  it('do not end before they have answered', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const buffers = new PieceBuffers(8 * 1024 * KiB);
    const pieces = piecesIn(buffers, [1024 * KiB]);
    const verifier = verifierOf(buffers, 2, 'require("node:worker_threads").parentPort.ref()');
    const answers = verifyAll(verifier, pieces);
    vi.advanceTimersByTime(10 * idleThreadMs);
    expect(verifier.threadCount).toBe(1);
    await verifier.close();
    expect((await answers).map(({ hash }) => hash)).toEqual(pieces.map(({ hash }) => hash));
  });
});
