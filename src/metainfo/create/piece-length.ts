// How long the pieces of a torrent that is made are: as before, where a .torrent file tells how long they were, and else
// by size. That is measured in swarms of helpers (docs/performance.md): many short pieces cost each peer a `have` and a
// journal entry apiece, few long ones leave peers with nothing whole to give each other.
import { join } from 'node:path';
import { HelperError, systemCode } from '../../errors.js';
import { filesExhausted, isFilesExhausted } from '../../files/disk-error-code.js';
import { readBoundedFile } from '../../files/read-bounded-file.js';
import type { Metainfo } from '../metainfo.js';
import { parseMetainfo } from '../parse/parse-metainfo.js';
import type { ScannedContent } from './content/scan-content.js';
import { maxReadBytes, torrentFileName } from './write-torrent-file.js';

const minBytes = 16 * 1024;
const maxBytes = 16 * 1024 * 1024;
/** As in libtorrent, four times the content has twice the pieces, each twice as long; 1 GiB has 1,024 of 1 MiB. */
const pieceBytesPerRoot = 32;

/** A power of two from 16 KiB to 16 MiB: the shortest that is not below 32 × √`totalBytes`, where one is. */
export function choosePieceLength(totalBytes: number): number {
  let bytes = minBytes;
  while (bytes < maxBytes && bytes < pieceBytesPerRoot * Math.sqrt(totalBytes)) bytes *= 2;
  return bytes;
}

/** Of `name.torrent`, `name (2).torrent` …; whoever has more of one name has no use for the rest of them. */
const maxNumber = 20;

/**
 * That of a torrent of the content that lies where its .torrent file would be written: what is unchanged then has the same
 * info hash, whatever piece length would be chosen today. Compares names and lengths, never the content: whether that
 * changed, the hashes will tell. Undefined if there is none that can be read. Of several the last counts: it is of what
 * the content was latest.
 */
export async function existingPieceLength(
  dir: string,
  content: ScannedContent,
  isPrivate: boolean,
  signal: AbortSignal,
): Promise<number | undefined> {
  let pieceLengthBytes: number | undefined;
  for (let number = 1; number <= maxNumber; number++) {
    signal.throwIfAborted();
    const found = await readTorrent(join(dir, torrentFileName(content.name, number)));
    if (found === 'nothing') break;
    if (found === 'something else' || !isTorrentOf(content, isPrivate, found)) continue;
    pieceLengthBytes = found.pieceLengthBytes;
  }
  return pieceLengthBytes;
}

async function readTorrent(path: string): Promise<Metainfo | 'nothing' | 'something else'> {
  try {
    const bytes = await readBoundedFile(path, maxReadBytes);
    return bytes === undefined ? 'nothing' : parseMetainfo(bytes, path);
  } catch (error) {
    // It may be the very torrent, and without it the content would get another info hash.
    if (isFilesExhausted(error)) throw filesExhausted(path, 'read', error);
    if (error instanceof HelperError || systemCode(error) !== undefined) return 'something else';
    throw error;
  }
}

function isTorrentOf(content: ScannedContent, isPrivate: boolean, metainfo: Metainfo): boolean {
  const { name, isFolder, files } = metainfo;
  if (name !== content.name || isFolder !== content.isFolder) return false;
  if (metainfo.isPrivate !== isPrivate || files.length !== content.files.length) return false;
  return files.every(({ path, lengthBytes }, index) => {
    const scanned = content.files[index];
    if (lengthBytes !== scanned?.lengthBytes || path.length !== scanned.path.length) return false;
    return path.every((part, depth) => part === scanned.path[depth]);
  });
}
