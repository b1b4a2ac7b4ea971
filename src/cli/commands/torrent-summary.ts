// What a torrent is, in the words of the JSON dialect: all but the list of its files, which may be long.
import { writeMagnetLink } from '../../metainfo/magnet.js';
import type { Metainfo } from '../../metainfo/metainfo.js';

export function summaryOf(metainfo: Metainfo, announce: readonly (readonly string[])[]) {
  const { name, infoHash, lengthBytes, pieceLengthBytes, pieceCount, isFolder } = metainfo;
  const { padding, lengthsBytes } = metainfo.fileTable;
  return {
    name,
    infoHash,
    magnetUri: writeMagnetLink(metainfo, announce),
    isFolder,
    lengthBytes,
    pieceLengthBytes,
    pieceCount,
    fileCount: lengthsBytes.length - padding.length,
    private: metainfo.isPrivate,
    announce,
  };
}
