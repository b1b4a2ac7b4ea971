// Makes metainfo (BEP 3) of a file or folder. The same content under the same name makes the same info hash, always:
// nothing of it depends on the time, the machine, or the order the disk lists files in.
import { HelperError } from '../errors.js';
import { encodeBencode } from './bencode.js';
import { hashPieces } from './hash-pieces.js';
import { maxPieces } from './limits.js';
import type { Metainfo } from './metainfo.js';
import { choosePieceLength } from './piece-length.js';
import { readInfo } from './read-metainfo.js';
import { type ScannedContent, scanContent } from './scan-content.js';

export interface MakeRequest {
  /** The file or folder, relative to the working directory or absolute. */
  readonly path: string;
  /** Peers are to come from the trackers alone (BEP 27). */
  readonly isPrivate: boolean;
  /** Announce URLs by tier (BEP 12). They are no part of the info hash. */
  readonly announce: readonly (readonly string[])[];
  /** Chosen by size if left out. */
  readonly pieceLengthBytes?: number | undefined;
}

export interface MadeMetainfo {
  readonly metainfo: Metainfo;
  /** The absolute real path of the file, or of the folder. */
  readonly contentPath: string;
}

/**
 * Scans and hashes the content. Rejects with a HelperError CONTENT_…, or with the signal's reason when that aborts.
 */
export async function makeMetainfo(
  { path, isPrivate, announce, pieceLengthBytes }: MakeRequest,
  signal: AbortSignal,
): Promise<MadeMetainfo> {
  const content = await scanContent(path, signal);
  const totalBytes = content.files.reduce((sum, file) => sum + file.lengthBytes, 0);
  const pieceLength = pieceLengthBytes ?? choosePieceLength(totalBytes);
  if (totalBytes / pieceLength > maxPieces) {
    throw new HelperError(
      'CONTENT_UNSUPPORTED',
      `${path} holds ${totalBytes} bytes, more than one torrent can; publish it in parts`,
    );
  }
  const pieces = await hashPieces(content.files, pieceLength, signal);
  const info = encodeBencode({
    name: content.name,
    'piece length': pieceLength,
    pieces,
    ...(isPrivate && { private: 1 }),
    ...lengthOrFiles(content),
  });
  return { metainfo: readInfo(info, announce, path), contentPath: content.root };
}

function lengthOrFiles({ isFolder, files }: ScannedContent) {
  const listed = files.map(({ path, lengthBytes }) => ({ length: lengthBytes, path }));
  const [only] = listed;
  return only && !isFolder ? { length: only.length } : { files: listed };
}
