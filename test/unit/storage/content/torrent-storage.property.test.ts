import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFiles } from '../../../../src/storage/check/check-files.js';
import { createDisk } from '../../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../../src/storage/content/torrent-storage.js';
import { hasPiece } from '../../../../src/storage/layout/bitfield.js';
import { eagerThreads } from '../../../support/disks/batch-threads.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const layout = fc
  .record({
    pieceLengthBytes: fc.integer({ min: 1, max: 40_000 }),
    lengths: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000 })), {
      minLength: 1,
      maxLength: 12,
    }),
    isPadded: fc.boolean(),
  })
  .filter(({ lengths, pieceLengthBytes }) => {
    const total = lengths.reduce((sum, length) => sum + length, 0);
    return total > 0 && total / pieceLengthBytes < 200;
  });

describe('a storage under any layout of files', () => {
  it('gives back what was written, at once and to a later check, whatever the order', async () => {
    const threads = eagerThreads();
    await fc.assert(
      fc.asyncProperty(
        layout,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async ({ pieceLengthBytes, lengths, isPadded }, random, maxOpenFiles, isBatched) => {
          const torrent = scratchTorrent(
            pieceLengthBytes,
            lengths.map((lengthBytes, nth) => ({
              path: `${nth % 3}/${nth}`,
              lengthBytes,
              isPadding: isPadded && nth % 4 === 1,
            })),
          );
          const { metainfo, content } = torrent;
          const draw = (below: number) => (random.next().value ?? 0) % below;
          // Pieces of nothing but padding leave no trace on disk: a check may find them there or not.
          const isBlank = (index: number) => torrent.piece(index).every((byte) => byte === 0);
          const folder = await mkdtemp(join(tmpdir(), 'disk-test-'));
          const contentPath = join(folder, 'content');
          const disk = createDisk({ maxOpenFiles, ...(isBatched && { threads }) });
          const storage = openTorrentStorage({ metainfo, contentPath, role: 'download', disk });
          try {
            const missing = [...Array(metainfo.pieceCount).keys()];
            const written = new Set<number>();
            while (missing.length > 0) {
              const index = missing.splice(draw(missing.length), 1)[0] ?? 0;
              await storage.write(index * pieceLengthBytes, torrent.piece(index));
              written.add(index);
              const piece = [...written][draw(written.size)] ?? 0;
              const from = piece * pieceLengthBytes + draw(metainfo.pieceBytes(piece));
              const length = 1 + draw(piece * pieceLengthBytes + metainfo.pieceBytes(piece) - from);
              const bytes = new Uint8Array(length);
              await storage.readInto(from, bytes);
              expect(Buffer.compare(bytes, content.subarray(from, from + length))).toBe(0);
              if (written.size === Math.ceil(metainfo.pieceCount / 2)) {
                const { bitfield } = await checkFiles({
                  metainfo,
                  contentPath,
                  content: storage,
                  signal: new AbortController().signal,
                });
                expect(
                  missing.filter(
                    (candidate) => hasPiece(bitfield, candidate) && !isBlank(candidate),
                  ),
                ).toEqual([]);
                expect(
                  [...written].every(
                    (candidate) => hasPiece(bitfield, candidate) || isBlank(candidate),
                  ),
                ).toBe(true);
              }
            }
            await storage.flush();
            const bytes = new Uint8Array(content.length);
            await storage.readInto(0, bytes);
            expect(Buffer.compare(bytes, content)).toBe(0);
            expect(disk.handles.openFiles).toBeLessThanOrEqual(maxOpenFiles);
          } finally {
            await storage.close();
            await rm(folder, { recursive: true });
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
