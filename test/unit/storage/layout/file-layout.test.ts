import { describe, expect, it } from 'vitest';
import {
  filePath,
  foldersOf,
  piecesOf,
  spansOf,
} from '../../../../src/storage/layout/file-layout.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const { metainfo } = scratchTorrent(10, [
  { path: 'a', lengthBytes: 10 },
  { path: 'empty', lengthBytes: 0 },
  { path: 'b/c', lengthBytes: 5 },
  { path: 'end', lengthBytes: 0 },
]);

function spans(offsetBytes: number, lengthBytes: number) {
  return spansOf(metainfo, offsetBytes, lengthBytes).map((span) => [
    span.file.path.join('/'),
    span.positionBytes,
    span.lengthBytes,
  ]);
}

describe('the layout of the content', () => {
  it('finds the parts of files that make up a range, and passes over empty files', () => {
    expect(spans(0, 10)).toEqual([['a', 0, 10]]);
    expect(spans(8, 5)).toEqual([
      ['a', 8, 2],
      ['b/c', 0, 3],
    ]);
    expect(spans(14, 1)).toEqual([['b/c', 4, 1]]);
    expect(spans(10, 0)).toEqual([]);
  });

  it('knows the pieces of a file', () => {
    const of = (index: number) => {
      const file = metainfo.files[index];
      return file ? [...piecesOf(metainfo, file)] : undefined;
    };
    expect([of(0), of(1), of(2)]).toEqual([[0], [], [1]]);
  });

  it('joins paths below the content path, and names the folders from there down', () => {
    const file = { path: ['b', 'c'], lengthBytes: 5, offsetBytes: 0 };
    expect(filePath('/x/t', file)).toBe('/x/t/b/c');
    expect(foldersOf('/x/t', file)).toEqual(['/x/t', '/x/t/b']);
    expect(filePath('/x/t', { ...file, path: [] })).toBe('/x/t');
    expect(foldersOf('/x/t', { ...file, path: [] })).toEqual([]);
  });

  it.each(['..', '.', '', 'a/b', 'a\0b'])('refuses the name %j', (name) => {
    const file = { path: ['a', name], lengthBytes: 5, offsetBytes: 0 };
    expect(() => filePath('/x/t', file)).toThrowError(
      expect.objectContaining({ code: 'METAINFO_INVALID' }),
    );
  });
});
