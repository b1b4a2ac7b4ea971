import { describe, expect, it } from 'vitest';
import { presentPieces, wantedRuns } from '../../../../src/storage/layout/present-pieces.js';
import type { SampleFile } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

function runs(files: readonly SampleFile[], sizes: Readonly<Record<string, number>>) {
  const { metainfo } = scratchTorrent(10, files);
  const byFile = new Map(
    metainfo.files.flatMap((file) => {
      const size = sizes[file.path.join('/')];
      return size === undefined ? [] : [[file, size] as const];
    }),
  );
  return presentPieces(metainfo, byFile).map(({ first, count }) => [first, count]);
}

const threeFiles = [
  { path: 'a', lengthBytes: 25 },
  { path: 'b', lengthBytes: 10 },
  { path: 'c', lengthBytes: 12 },
];

describe('covered pieces', () => {
  it('are none while there are no files', () => {
    expect(runs(threeFiles, {})).toEqual([]);
  });

  it('are all, the short last one included, when every file is whole', () => {
    expect(runs(threeFiles, { a: 25, b: 10, c: 12 })).toEqual([[0, 5]]);
  });

  it('end where a file ends early, and begin again with the first whole piece of the next', () => {
    expect(runs(threeFiles, { a: 19, b: 10, c: 12 })).toEqual([
      [0, 1],
      [3, 2],
    ]);
  });

  it('do not reach over a missing file', () => {
    expect(runs(threeFiles, { a: 25, c: 12 })).toEqual([
      [0, 2],
      [4, 1],
    ]);
  });

  it('count padding as there, but never on its own', () => {
    const padded = [
      { path: 'a', lengthBytes: 5 },
      { path: '.pad/25', lengthBytes: 25, isPadding: true },
      { path: 'b', lengthBytes: 10 },
    ];
    expect(runs(padded, {})).toEqual([]);
    expect(runs(padded, { a: 5 })).toEqual([[0, 3]]);
  });

  it('are cut into stretches of those wanted', () => {
    const stretches = wantedRuns([{ first: 2, count: 7 }], 3, (index) => index !== 4);
    expect([...stretches]).toEqual([
      { first: 2, count: 2 },
      { first: 5, count: 3 },
      { first: 8, count: 1 },
    ]);
  });
});
