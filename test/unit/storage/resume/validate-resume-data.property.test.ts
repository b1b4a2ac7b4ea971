import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MetainfoFile } from '../../../../src/metainfo/metainfo.js';
import type { FileStamp } from '../../../../src/storage/disk/file-stamp.js';
import { createBitfield, hasPiece, setPiece } from '../../../../src/storage/layout/bitfield.js';
import { spansOf } from '../../../../src/storage/layout/file-layout.js';
import type { StoredJournal } from '../../../../src/storage/resume/piece-journal.js';
import type { ResumeData } from '../../../../src/storage/resume/resume-data.js';
import { validateResumeData } from '../../../../src/storage/resume/validate-resume-data.js';
import { madeUpStamp } from '../../../support/disks/made-up-stamp.js';
import type { SampleTorrent } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const secondNs = 1_000_000_000n;

/** A disk, a clock and a download on it, all of them made up: what the rules are about, without the waiting. */
class Disk {
  readonly #torrent: SampleTorrent;
  readonly #files = new Map<MetainfoFile, { bytes: Uint8Array; mtimeNs: bigint }>();
  #nowNs = 1_000n * secondNs;
  #written = new Set<number>();
  #begun = new Set<number>();
  #record: ResumeData | undefined;
  #journalNs: bigint | undefined;

  constructor(torrent: SampleTorrent) {
    this.#torrent = torrent;
  }

  /** `share`: how much of the piece the write got to, 0 to 1. */
  write(index: number, share: number) {
    if (this.#begun.has(index) || this.#written.has(index)) return;
    this.#begun.add(index);
    this.#journalNs = this.#nowNs;
    this.#nowNs += secondNs / 10n;
    const { metainfo, content } = this.#torrent;
    const lengthBytes = Math.floor(share * metainfo.pieceBytes(index));
    let from = index * metainfo.pieceLengthBytes;
    for (const span of spansOf(metainfo, from, lengthBytes)) {
      this.#put(span.file, span.positionBytes, content.subarray(from, from + span.lengthBytes));
      from += span.lengthBytes;
    }
    if (share === 1) this.#written.add(index);
  }

  record() {
    const pieces = createBitfield(this.#torrent.metainfo.pieceCount);
    for (const index of this.#written) setPiece(pieces, index);
    this.#record = { pieces, stamps: this.stamps() };
    for (const index of this.#written) this.#begun.delete(index);
    this.#journalNs = this.#begun.size > 0 ? this.#nowNs : undefined;
  }

  wait(seconds: number) {
    this.#nowNs += BigInt(seconds) * secondNs;
  }

  /** What somebody else may do to a file once nobody looks. */
  meddle(nth: number, action: 'change' | 'cut' | 'grow' | 'delete' | 'restore') {
    const file = this.#torrent.metainfo.files[nth];
    const there = file && this.#files.get(file);
    if (!file || !there) return;
    if (action === 'delete') this.#files.delete(file);
    else if (action === 'change')
      this.#put(
        file,
        0,
        there.bytes.map((byte) => byte ^ 1),
      );
    else if (action === 'grow') this.#put(file, 0, new Uint8Array(file.lengthBytes).fill(7));
    else if (action === 'cut') {
      const bytes = there.bytes.slice(0, there.bytes.length >> 1);
      this.#files.set(file, { bytes, mtimeNs: this.#nowNs });
    } else {
      // As from a backup: other bytes of the same length, from before the download began.
      this.#files.set(file, { bytes: there.bytes.map((byte) => byte ^ 3), mtimeNs: secondNs });
    }
  }

  stamps(): Map<MetainfoFile, FileStamp> {
    return new Map(
      [...this.#files].map(([file, { bytes, mtimeNs }]) => [
        file,
        madeUpStamp(bytes.length, mtimeNs),
      ]),
    );
  }

  isGood(index: number): boolean {
    const { metainfo, content } = this.#torrent;
    const from = index * metainfo.pieceLengthBytes;
    return spansOf(metainfo, from, metainfo.pieceBytes(index)).every((span) => {
      const { bytes } = this.#files.get(span.file) ?? { bytes: new Uint8Array() };
      const end = span.positionBytes + span.lengthBytes;
      const at = span.file.offsetBytes + span.positionBytes;
      const wanted = content.subarray(at, at + span.lengthBytes);
      return Buffer.compare(bytes.subarray(span.positionBytes, end), wanted) === 0;
    });
  }

  validate() {
    const journal: StoredJournal | undefined =
      this.#journalNs === undefined
        ? undefined
        : { pieces: this.#begun, mtimeNs: this.#journalNs, isUnconfirmed: false, made: new Map() };
    const { metainfo } = this.#torrent;
    return validateResumeData(metainfo, { record: this.#record, journal }, this.stamps());
  }

  get everWritten(): ReadonlySet<number> {
    return this.#written;
  }

  #put(file: MetainfoFile, at: number, bytes: Uint8Array) {
    const old = this.#files.get(file)?.bytes ?? new Uint8Array();
    const grown = new Uint8Array(Math.max(old.length, at + bytes.length));
    grown.set(old);
    grown.set(bytes, at);
    this.#files.set(file, { bytes: grown, mtimeNs: this.#nowNs });
  }
}

const step = fc.oneof(
  fc.record({
    action: fc.constant('write' as const),
    piece: fc.nat(40),
    share: fc.constantFrom(1, 1, 1, 0.5, 0),
  }),
  fc.record({ action: fc.constant('record' as const) }),
  fc.record({ action: fc.constant('wait' as const), seconds: fc.nat(20) }),
);

const meddling = fc.record({
  file: fc.nat(5),
  action: fc.constantFrom('change', 'cut', 'grow', 'delete', 'restore'),
});

it('never trusts a piece whose bytes differ, and never loses one that was written and is still there', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 }),
      fc.array(step, { maxLength: 40 }),
      fc.array(meddling, { maxLength: 3 }),
      (pieceLengthBytes, lengths, steps, meddlings) => {
        const torrent = scratchTorrent(
          pieceLengthBytes,
          lengths.map((lengthBytes, nth) => ({ path: `${nth}`, lengthBytes })),
        );
        const { pieceCount } = torrent.metainfo;
        const disk = new Disk(torrent);
        for (const each of steps) {
          if (each.action === 'write') disk.write(each.piece % pieceCount, each.share);
          else if (each.action === 'record') disk.record();
          else disk.wait(each.seconds);
        }
        disk.wait(3);
        for (const { file, action } of meddlings) disk.meddle(file, action);
        const { trusted, doubtful } = disk.validate();
        for (let index = 0; index < pieceCount; index++) {
          if (hasPiece(trusted, index)) expect(disk.isGood(index)).toBe(true);
          if (disk.everWritten.has(index) && disk.isGood(index)) {
            expect(hasPiece(trusted, index) || hasPiece(doubtful, index)).toBe(true);
          }
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
