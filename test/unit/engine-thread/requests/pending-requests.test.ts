import { describe, expect, it } from 'vitest';
import { piecesToHold } from '../../../../src/engine-thread/requests/pending-requests.js';
import { torrentLimits } from '../../../../src/limits.js';
import { Metainfo, type MetainfoFile } from '../../../../src/metainfo/metainfo.js';

function metainfo({ pieces, paths }: { pieces: number; paths: readonly (readonly string[])[] }) {
  const files: MetainfoFile[] = paths.map((path, index) => ({
    path,
    lengthBytes: 1,
    offsetBytes: index,
  }));
  return new Metainfo({
    ...{ infoHash: 'a'.repeat(40), name: 'x', isFolder: true, lengthBytes: 3, files },
    ...{ pieceLengthBytes: 16_384, pieceHashes: new Uint8Array(20 * pieces), isPrivate: true },
    ...{ announce: [], info: new Uint8Array(3) },
  });
}

describe('what a torrent costs', () => {
  it('is its pieces, or the pieces that its files are worth', () => {
    const perFile = torrentLimits.livePieces / torrentLimits.liveFiles;
    expect(piecesToHold(metainfo({ pieces: 1_000, paths: [['a'], ['b']] }))).toBe(1_000);
    expect(piecesToHold(metainfo({ pieces: 1, paths: [['a'], ['b']] }))).toBe(2 * perFile);
    const deep = Array.from({ length: 32 }, () => 'd');
    expect(piecesToHold(metainfo({ pieces: 1, paths: [deep, ['b']] }))).toBe(4 * perFile);
  });
});
