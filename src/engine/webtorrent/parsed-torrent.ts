// Metainfo in the shape webtorrent works with, and no more of it than that takes: one file as long as the content.
// Names and files are the content store's, trackers the announcer's, the info dictionary the metadata exchange's.
import type { ParsedTorrent } from 'webtorrent';
import type { Metainfo } from '../../metainfo/metainfo.js';

export function toParsedTorrent(metainfo: Metainfo): ParsedTorrent {
  const { infoHash, lengthBytes, pieceLengthBytes, pieceCount, isPrivate } = metainfo;
  const hashes = Buffer.from(metainfo.pieceHashes);
  return {
    infoHash,
    announce: [],
    urlList: [],
    // webtorrent puts the name into a magnet link, and throws if it is no well-formed text.
    name: infoHash,
    private: isPrivate,
    info: {},
    length: lengthBytes,
    pieceLength: pieceLengthBytes,
    lastPieceLength: metainfo.pieceBytes(pieceCount - 1),
    pieces: Array.from({ length: pieceCount }, (_, index) =>
      hashes.toString('hex', index * 20, index * 20 + 20),
    ),
    files: [{ path: infoHash, name: infoHash, length: lengthBytes, offset: 0 }],
  };
}
