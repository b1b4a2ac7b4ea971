import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, chmod, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type ScannedFile,
  scanContent,
} from '../../../../src/metainfo/create/content/scan-content.js';
import { hashPieces } from '../../../../src/metainfo/create/hash-pieces.js';
import { createHashingThreads } from '../../../../src/metainfo/create/threads/hashing-threads.js';
import { writeFiles } from '../../../support/disks/content-files.js';
import { openIn } from '../../../support/disks/open-files.js';
import { asOrdinaryUser } from '../../../support/disks/ordinary-user.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const never = new AbortController().signal;
const KiB = 1024;

function patterned(lengthBytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, index) => (index * 31 + seed * 17) >> 3);
}

/** The hashes of pieces, told in the plainest way. */
function hashesOf(content: Uint8Array, pieceLengthBytes: number): Buffer {
  const hashes: Buffer[] = [];
  for (let offset = 0; offset < content.length; offset += pieceLengthBytes) {
    const piece = content.subarray(offset, offset + pieceLengthBytes);
    hashes.push(createHash('sha1').update(piece).digest());
  }
  return Buffer.concat(hashes);
}

/** Two of them share whatever they are given, a piece at a time. */
const threads = createHashingThreads({ most: 2, perJob: 2, runBytes: 1 });
afterAll(() => threads.close());

type Hash = typeof hashPieces;

async function hashInThreads(...asked: [readonly ScannedFile[], number, AbortSignal]) {
  return (await threads.hash(...asked)).hashes;
}

async function scanned() {
  return (await scanContent(at('data'), never)).files;
}

describe.each<[string, Hash]>([
  ['in the thread pool', hashPieces],
  ['in threads', hashInThreads],
])('hashing pieces %s', (_way, hashPieces) => {
  it('hashes the files as one run of bytes, whatever their number and sizes', async () => {
    const sizes = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 100 }), fc.nat({ max: 9000 })), {
      minLength: 1,
      maxLength: 30,
    });
    const pieceLength = fc.constantFrom(1, 7, 64, 1024, 4096, 1_000_000);
    await fc.assert(
      fc.asyncProperty(sizes, pieceLength, async (lengths, pieceLengthBytes) => {
        fc.pre(
          lengths.some((length) => length > 0) &&
            lengths.reduce((a, b) => a + b) / pieceLengthBytes < 3000,
        );
        const contents = lengths.map((length, index) => patterned(length, index));
        await rm(at('data'), { recursive: true, force: true });
        await writeFiles(
          at('data'),
          Object.fromEntries(contents.map((bytes, index) => [`${1000 + index}`, bytes])),
        );
        const hashes = await hashPieces(await scanned(), pieceLengthBytes, never);
        expect(Buffer.compare(hashes, hashesOf(Buffer.concat(contents), pieceLengthBytes))).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  it('makes no piece of an empty file behind a full last piece', async () => {
    await writeFiles(at('data'), { a: 'x'.repeat(64), empty: '' });
    expect(await hashPieces(await scanned(), 32, never)).toHaveLength(2 * 20);
  });

  it('hashes a file of many pieces', async () => {
    const content = patterned(3000 * KiB + 1, 5);
    await writeFiles(at(), { data: content });
    const hashes = await hashPieces(await scanned(), 16 * KiB, never);
    expect(Buffer.compare(hashes, hashesOf(content, 16 * KiB))).toBe(0);
  });

  it('takes no more memory for pieces of 256 MiB than there is content', async () => {
    await writeFiles(at(), { data: patterned(KiB, 6) });
    const files = await scanned();
    const { arrayBuffers } = process.memoryUsage();
    const hashes = await hashPieces(files, 256 * KiB * KiB, never);
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(64 * KiB * KiB);
    expect(Buffer.compare(hashes, hashesOf(patterned(KiB, 6), KiB))).toBe(0);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['grew', (path) => appendFile(path, 'more')],
    ['shrank', (path) => truncate(path, 10)],
    ['was written to', (path) => writeFile(path, patterned(100 * KiB, 9))],
    ['was touched', (path) => utimes(path, 1, 1)],
    ['is gone', (path) => rm(path)],
    [
      'was replaced by another of its size and time',
      async (path) => {
        execFileSync('cp', ['-p', path, `${path}.new`]);
        await rename(`${path}.new`, path);
      },
    ],
    [
      'gave way to a FIFO',
      async (path) => {
        await rm(path);
        execFileSync('mkfifo', [path]);
      },
    ],
  ])('names a file that %s since the scan', async (_, change) => {
    await writeFiles(at('data'), { a: 'x', changing: patterned(100 * KiB, 1), z: 'x' });
    // Not of just now: a clock that ticks every 4 ms may give a change the same time.
    await utimes(at('data', 'changing'), 1_000_000, 1_000_000);
    const files = await scanned();
    await change(at('data', 'changing'));
    await expect(hashPieces(files, 16 * KiB, never)).rejects.toMatchObject({
      code: 'CONTENT_CHANGED',
      message: expect.stringContaining(at('data', 'changing')),
    });
  });

  it('notices that an empty file is no longer empty', async () => {
    await writeFiles(at('data'), { a: 'x', empty: '' });
    const files = await scanned();
    await appendFile(at('data', 'empty'), 'now');
    await expect(hashPieces(files, 16 * KiB, never)).rejects.toMatchObject({
      code: 'CONTENT_CHANGED',
    });
  });

  it('names a file that it may not read', async () => {
    await writeFiles(at('data'), { a: 'x', secret: 'y' });
    await chmod(at('data', 'secret'), 0o000);
    const files = await scanned();
    await expect(asOrdinaryUser(() => hashPieces(files, 16 * KiB, never))).rejects.toMatchObject({
      code: 'CONTENT_UNREADABLE',
      message: expect.stringContaining(at('data', 'secret')),
    });
  });

  it('stops when it is told to', async () => {
    await writeFiles(at('data'), { big: patterned(2000 * KiB, 1) });
    const files = await scanned();
    const reason = new Error('enough');
    await expect(hashPieces(files, 16 * KiB, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const hashing = hashPieces(files, 16 * KiB, controller.signal);
    controller.abort(reason);
    await expect(hashing).rejects.toBe(reason);
  });

  it.runIf(process.platform === 'linux')('leaves no file open, however it ends', async () => {
    await writeFiles(at('data'), {
      a: patterned(500 * KiB, 1),
      b: patterned(500 * KiB, 2),
      c: 'x',
    });
    const files = await scanned();
    await hashPieces(files, 16 * KiB, never);
    expect(await openIn(at())).toEqual([]);
    await appendFile(at('data', 'b'), 'more');
    await expect(hashPieces(files, 16 * KiB, never)).rejects.toMatchObject({
      code: 'CONTENT_CHANGED',
    });
    expect(await openIn(at())).toEqual([]);
  });
});
