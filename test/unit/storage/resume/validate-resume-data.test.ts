import { describe, expect, it } from 'vitest';
import type { MetainfoFile } from '../../../../src/metainfo/metainfo.js';
import type { KnownPieces } from '../../../../src/storage/check/check-files.js';
import { createBitfield, hasPiece, setPiece } from '../../../../src/storage/layout/bitfield.js';
import type { StoredJournal } from '../../../../src/storage/resume/piece-journal.js';
import {
  type StoredResumeData,
  validateResumeData,
} from '../../../../src/storage/resume/validate-resume-data.js';
import { madeUpStamp } from '../../../support/disks/made-up-stamp.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

/** Pieces of 100: 0 and 1 in a, 1 also in b; 2 to 4 in c. */
const { metainfo } = scratchTorrent(100, [
  { path: 'a', lengthBytes: 130 },
  { path: 'b', lengthBytes: 70 },
  { path: 'c', lengthBytes: 250 },
]);

type Stamps = Readonly<Record<string, readonly [sizeBytes: number, mtimeSeconds: number]>>;

function stampsOf(stamps: Stamps) {
  return new Map(
    metainfo.files.flatMap((file) => {
      const stamp = stamps[file.path.join('/')];
      if (!stamp) return [];
      const [sizeBytes, seconds] = stamp;
      return [[file, madeUpStamp(sizeBytes, BigInt(seconds) * 1_000_000_000n)] as const];
    }),
  );
}

function record(pieces: readonly number[], stamps: Stamps) {
  const bitfield = createBitfield(metainfo.pieceCount);
  for (const index of pieces) setPiece(bitfield, index);
  return { pieces: bitfield, stamps: stampsOf(stamps) };
}

function journal(pieces: readonly number[], seconds: number): StoredJournal {
  const mtimeNs = BigInt(seconds) * 1_000_000_000n;
  return { pieces: new Set(pieces), mtimeNs, isUnconfirmed: false, made: new Map() };
}

function validate(stored: StoredResumeData, stamps: Stamps) {
  return listed(validateResumeData(metainfo, stored, stampsOf(stamps)));
}

function listed(known: KnownPieces) {
  const list = (bitfield: Uint8Array) =>
    [...Array(metainfo.pieceCount).keys()].filter((index) => hasPiece(bitfield, index));
  const names = (files: ReadonlySet<MetainfoFile>) => [...files].map(({ path }) => path.join('/'));
  return {
    trusted: list(known.trusted),
    doubtful: list(known.doubtful),
    owned: names(known.owned),
    changed: names(known.changed),
  };
}

const whole: Stamps = { a: [130, 50], b: [70, 50], c: [250, 50] };
const all = [0, 1, 2, 3, 4];

describe('after a good end', () => {
  const stored = { record: record(all, whole) };

  it('everything is trusted where nothing has changed', () => {
    expect(validate(stored, whole)).toMatchObject({
      trusted: all,
      doubtful: [],
      owned: ['a', 'b', 'c'],
    });
  });

  it.each([
    ['that is younger', [250, 51]],
    ['that is older', [250, 49]],
    ['that is shorter', [249, 50]],
  ] as const)('the pieces of a file %s are doubted', (_, c) => {
    expect(validate(stored, { ...whole, c })).toMatchObject({
      trusted: [0, 1],
      doubtful: [2, 3, 4],
    });
  });

  it('the pieces of a file that is missing or empty are lost, also those shared with another file', () => {
    expect(validate(stored, { a: [130, 50], c: [250, 50] })).toMatchObject({
      trusted: [0, 2, 3, 4],
    });
    expect(validate(stored, { ...whole, b: [0, 50] })).toMatchObject({ trusted: [0, 2, 3, 4] });
  });

  it('pieces that are not on record are missing', () => {
    const some = { record: record([0], { a: [130, 50], c: [250, 50] }) };
    const found = validate(some, { a: [130, 50], c: [250, 50] });
    expect(found).toMatchObject({ trusted: [0], doubtful: [] });
  });

  it('a file the record knows nothing of is read, and one that has grown', () => {
    const some = { record: record([0], { a: [130, 50], c: [100, 50] }) };
    const found = validate(some, { ...whole, c: [250, 50] });
    expect(found).toMatchObject({ trusted: [0], doubtful: [1, 2, 3, 4] });
  });

  it('a piece is doubted that the file, by the record itself, was too short to hold', () => {
    const odd = { record: record([2, 4], { c: [120, 50] }) };
    expect(validate(odd, { c: [120, 50] })).toMatchObject({ trusted: [], doubtful: [2, 4] });
  });
});

describe('after a bad end', () => {
  const stored = {
    record: record([0, 2], { a: [130, 50], c: [100, 50] }),
    journal: journal([3], 60),
  };

  it('a file we wrote to is trusted but for the pieces in the journal', () => {
    const found = validate(stored, { a: [130, 50], c: [200, 61] });
    expect(found).toMatchObject({ trusted: [0, 2], doubtful: [3], owned: ['a', 'c'] });
  });

  it('a file is doubted that is younger than the journal', () => {
    expect(validate(stored, { a: [130, 50], c: [100, 63] })).toMatchObject({
      trusted: [0],
      doubtful: [2, 3],
    });
  });

  it('a file has changed by other hands that has grown beyond what we wrote', () => {
    expect(validate(stored, { a: [130, 50], c: [201, 61] })).toMatchObject({
      trusted: [0],
      doubtful: [2, 3, 4],
    });
  });

  it('a file is doubted whose time changed though the journal does not name it', () => {
    expect(validate(stored, { a: [130, 55], c: [100, 50] })).toMatchObject({ trusted: [2] });
  });

  it('a piece on record that is in the journal, too, is doubted', () => {
    const again = { ...stored, journal: journal([2], 60) };
    expect(validate(again, { c: [100, 50] })).toMatchObject({ trusted: [], doubtful: [2] });
  });

  it('a file we made is not read beyond the journal', () => {
    const made = { record: record([], {}), journal: journal([4], 60) };
    expect(validate(made, { c: [250, 60] })).toMatchObject({ trusted: [], doubtful: [4] });
  });
});

describe('without a record', () => {
  it('everything is doubted', () => {
    expect(validate({}, whole)).toMatchObject({ trusted: [], doubtful: all, owned: [] });
  });

  it('a journal says that the files it names are ours, unless nobody can read it', () => {
    expect(validate({ journal: journal([1], 60) }, whole)).toMatchObject({
      trusted: [],
      doubtful: all,
      owned: ['a', 'b'],
    });
    expect(validate({ journal: 'damaged' }, whole)).toMatchObject({ doubtful: all, owned: [] });
  });

  it('one that has a journal nobody can read is no better', () => {
    const stored = { record: record(all, whole), journal: 'damaged' as const };
    expect(validate(stored, whole)).toMatchObject({ trusted: [], doubtful: all });
  });
});

describe('a file that is another than the one on record', () => {
  const inode = (name: string, to: bigint) => {
    const now = stampsOf(whole);
    const file = metainfo.files.find(({ path }) => path[0] === name);
    const stamp = file && now.get(file);
    if (file && stamp) now.set(file, { ...stamp, inode: to });
    return now;
  };

  it('is read as a whole, whatever is on record, and is not ours before', () => {
    const known = validateResumeData(metainfo, { record: record([2], whole) }, inode('c', 9n));
    expect(listed(known)).toEqual({
      trusted: [],
      doubtful: [2, 3, 4],
      owned: ['a', 'b'],
      changed: [],
    });
  });

  it('is told as one that was complete', () => {
    const known = validateResumeData(metainfo, { record: record(all, whole) }, inode('c', 9n));
    expect(listed(known)).toMatchObject({ doubtful: [2, 3, 4], changed: ['c'] });
  });

  it('is ours if the journal says that we made it', () => {
    const made = new Map([[2, { device: 1n, inode: 9n, birthNs: 0n }]]);
    const stored = { record: record([0], whole), journal: { ...journal([3], 60), made } };
    expect(listed(validateResumeData(metainfo, stored, inode('c', 9n)))).toMatchObject({
      owned: ['a', 'b', 'c'],
    });
    expect(validate(stored, whole)).toMatchObject({ owned: ['a', 'b'] });
  });

  it('is not known from a record that says nothing of inodes, which is trusted', () => {
    const bare = [...stampsOf(whole)].map(
      ([file, { sizeBytes, mtimeNs }]) => [file, { sizeBytes, mtimeNs }] as const,
    );
    const stored = { record: { ...record(all, whole), stamps: new Map(bare) } };
    const known = validateResumeData(metainfo, stored, inode('c', 9n));
    expect(listed(known)).toEqual({
      trusted: all,
      doubtful: [],
      owned: ['a', 'b', 'c'],
      changed: [],
    });
  });
});
