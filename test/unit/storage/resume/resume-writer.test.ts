// What a record of before says must be done to its pieces.
import { describe, expect, it } from 'vitest';
import { limitConcurrency } from '../../../../src/async/limit-concurrency.js';
import { FilePool } from '../../../../src/storage/disk/file-pool.js';
import { createBitfield, setPiece } from '../../../../src/storage/layout/bitfield.js';
import { PieceJournal } from '../../../../src/storage/resume/piece-journal.js';
import { ResumeWriter } from '../../../../src/storage/resume/resume-writer.js';
import type { TorrentStorage } from '../../../../src/storage/storage.js';
import { MiB } from '../../../support/sizes.js';
import { sampleTorrent } from '../../../support/torrents/sample-torrent.js';

describe('a long piece that the disk refused to confirm', () => {
  it('is written once more in parts, every byte in its place', async () => {
    const lengthBytes = 5 * MiB + 7;
    const bytes = Buffer.from(Array.from({ length: lengthBytes }, (_, at) => (at * 31) >> 7));
    const files = [{ path: '', lengthBytes }];
    const { metainfo } = sampleTorrent({ name: 'long', pieceLengthBytes: 3 * MiB, files }, bytes);
    const written = Buffer.alloc(lengthBytes);
    let mostAtOnce = 0;
    const content: TorrentStorage = {
      async readInto(offsetBytes, target) {
        mostAtOnce = Math.max(mostAtOnce, target.length);
        target.set(bytes.subarray(offsetBytes, offsetBytes + target.length));
      },
      async write(offsetBytes, ...parts) {
        Buffer.concat(parts).copy(written, offsetBytes);
      },
      readAhead: async () => expect.unreachable(),
      writeUnverified: async () => expect.unreachable(),
      markVerified: () => expect.unreachable(),
      make: async () => new Map(),
      reopen: () => {},
      adopt: () => {},
      flush: async () => new Map(),
      complete: async () => new Map(),
      close: async () => {},
    };
    const writer = new ResumeWriter({
      subject: { metainfo, contentPath: '/nowhere' },
      stored: {
        journal: { pieces: new Set([0, 1]), mtimeNs: 0n, isUnconfirmed: true, made: new Map() },
      },
      journal: new PieceJournal({
        path: undefined,
        isThere: false,
        handles: new FilePool(1),
        limit: limitConcurrency(1),
        onFailure: () => {},
      }),
      write: async () => true,
    });
    const bitfield = createBitfield(metainfo.pieceCount);
    for (const index of [0, 1]) setPiece(bitfield, index);
    const found = { bitfield, verifiedBytes: lengthBytes, stamps: new Map() };
    await writer.begin({ ...found, changed: new Set(), read: new Set() }, content);
    expect(written.equals(bytes)).toBe(true);
    expect(mostAtOnce).toBeLessThanOrEqual(MiB);
  });
});
