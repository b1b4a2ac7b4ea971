// What a job came to, for whoever asks: made of its torrent when it is asked for, and the list of files no sooner than that.
import { resolve } from 'node:path';
import type { LocatedTorrent, Publication, Torrent } from '../../../machines/types.js';
import { filesIn, tableOf } from '../../metainfo/file-table.js';
import { writeMagnetLink } from '../../metainfo/magnet.js';
import { Metainfo } from '../../metainfo/metainfo.js';
import { filePath } from '../../storage/layout/file-layout.js';

export interface JobFile {
  /** Where it lies, as an absolute path. */
  readonly path: string;
  readonly lengthBytes: number;
}

/** What a job has published or downloaded. */
export interface JobResult {
  readonly infoHash: string;
  /** Of the torrent. */
  readonly name: string;
  readonly lengthBytes: number;
  /** Of the content, in the order of the torrent. */
  readonly files: readonly JobFile[];
  /** The file itself for a single-file torrent, else the folder that stands for the torrent's name. */
  readonly contentPath: string;
  /** Of a seed that was published: the `.torrent` file that was written. */
  readonly torrentFile: string | undefined;
  readonly magnetUri: string;
}

/** What else a job tells of its torrent. */
export interface TorrentFacts {
  readonly isPrivate: boolean;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  readonly fileCount: number;
}

export function torrentFacts(torrent: Torrent): TorrentFacts | undefined {
  if (!(torrent instanceof Metainfo)) return undefined;
  const { isPrivate, pieceLengthBytes, pieceCount, fileTable } = torrent;
  const fileCount = fileTable.lengthsBytes.length - fileTable.padding.length;
  return { isPrivate, pieceLengthBytes, pieceCount, fileCount };
}

/** It keeps nothing of the torrent but the list of its files. */
export function jobResult(
  { torrent, contentPath: where }: LocatedTorrent,
  publication: Publication | undefined,
): JobResult {
  const { infoHash, name, lengthBytes } = torrent;
  const { fileTable, announce } =
    torrent instanceof Metainfo ? torrent : { fileTable: tableOf([]), announce: [] };
  const contentPath = resolve(where);
  let files: readonly JobFile[] | undefined;
  return {
    infoHash,
    name,
    lengthBytes,
    get files() {
      files ??= filesIn(fileTable)
        .filter(({ isPadding }) => !isPadding)
        .map((file) => ({ path: filePath(contentPath, file), lengthBytes: file.lengthBytes }));
      return files;
    },
    contentPath,
    torrentFile: publication?.torrentFile,
    magnetUri: publication?.magnetUri ?? writeMagnetLink({ infoHash, name }, announce),
  };
}
