// Makes metainfo (BEP 3) of a file or folder. The same content under the same name makes the same info hash, always:
// nothing of it depends on the time, the machine, or the order the disk lists files in. Only the piece length that was once
// chosen for the content is used again, where that can be known.
import { isAbsolute, relative } from 'node:path';
import { HelperError } from '../../errors.js';
import { metainfoLimits } from '../../limits.js';
import { encodeBencode } from '../encode-bencode.js';
import type { Metainfo } from '../metainfo.js';
import { parseInfo } from '../parse/parse-metainfo.js';
import {
  contentName,
  type ScannedContent,
  type ScannedFile,
  scanContent,
} from './content/scan-content.js';
import type { HashCache } from './hash-cache.js';
import { type ContentHasher, hashPieces } from './hash-pieces.js';
import { choosePieceLength, existingPieceLength } from './piece-length.js';
import { waitForTimestampGranularity } from './timestamp-granularity.js';

export interface MakeRequest {
  /** The file or folder, relative to the working directory or absolute. Its base name is the torrent's. */
  readonly path: string;
  /** Where that content lies now, if it is no longer at `path`. */
  readonly contentPath?: string | undefined;
  /** Peers are to come from the trackers alone (BEP 27). */
  readonly isPrivate: boolean;
  /** Announce URLs by tier (BEP 12), waited for once the content is found. They are no part of the info hash. */
  readonly announce: readonly (readonly string[])[] | Promise<readonly (readonly string[])[]>;
  /** Left out: that of what was made of the content before, or else chosen by size. */
  readonly pieceLengthBytes?: number | undefined;
  /** Where the .torrent file will be written: one of the same content there tells its piece length. */
  readonly torrentDir?: string | undefined;
  /** What was hashed before and did not change since is not read again. Left out: everything is. */
  readonly hashCache?: HashCache | undefined;
  /** For content that is large. Left out: the thread pool hashes that, too. */
  readonly threads?: ContentHasher | undefined;
}

export interface MadeMetainfo {
  readonly metainfo: Metainfo;
  /** The absolute real path of the file, or of the folder. */
  readonly contentPath: string;
  /** As they were before the first byte was read. */
  readonly files: readonly ScannedFile[];
}

/**
 * Scans and hashes the content. Rejects with a HelperError CONTENT_…, or with the signal's reason when that aborts.
 */
export async function makeMetainfo(
  request: MakeRequest,
  signal: AbortSignal,
): Promise<MadeMetainfo> {
  const { isPrivate, hashCache } = request;
  const content = await scan(request, signal);
  refuseToHold(request.torrentDir, content);
  const { pieceLengthBytes: asked } = request;
  const announce = await request.announce;
  const known = await hashCache?.get(content, { isPrivate, pieceLengthBytes: asked, announce });
  signal.throwIfAborted();
  const { root: contentPath, files } = content;
  if (known) return { metainfo: known, contentPath, files };
  const pieceLengthBytes = await pieceLengthFor(content, request, signal);
  // Before the first byte is read.
  const isCacheable =
    hashCache !== undefined && (await waitForTimestampGranularity(content, signal));
  const metainfo = await hash(content, request, pieceLengthBytes, signal);
  if (isCacheable) await hashCache.set(content, metainfo);
  return { metainfo, contentPath, files };
}

async function scan(
  { path, contentPath = path }: MakeRequest,
  signal: AbortSignal,
): Promise<ScannedContent> {
  const content = await scanContent(contentPath, signal);
  return { ...content, name: contentName(path, content.root) };
}

/** A .torrent file that is written into what it describes makes other content of it, and so another torrent each time. */
function refuseToHold(torrentDir: string | undefined, { root }: ScannedContent): void {
  if (torrentDir === undefined) return;
  const below = relative(root, torrentDir);
  if (below.startsWith('..') || isAbsolute(below)) return;
  throw new HelperError(
    'TORRENT_UNWRITABLE',
    `the .torrent file of ${root} would be written into what it describes, at ${torrentDir}; choose a --torrent-dir outside of it`,
  );
}

async function pieceLengthFor(
  content: ScannedContent,
  request: MakeRequest,
  signal: AbortSignal,
): Promise<number> {
  const { torrentDir: dir, isPrivate } = request;
  const existing = async () =>
    dir === undefined ? undefined : existingPieceLength(dir, content, isPrivate, signal);
  const totalBytes = content.files.reduce((sum, file) => sum + file.lengthBytes, 0);
  const pieceLengthBytes =
    request.pieceLengthBytes ?? (await existing()) ?? choosePieceLength(totalBytes);
  if (totalBytes / pieceLengthBytes <= metainfoLimits.pieces) return pieceLengthBytes;
  throw new HelperError(
    'CONTENT_UNSUPPORTED',
    `${request.path} holds ${totalBytes} bytes, more than one torrent can; publish it in parts`,
  );
}

async function hash(
  content: ScannedContent,
  { isPrivate, announce, threads }: MakeRequest,
  pieceLengthBytes: number,
  signal: AbortSignal,
): Promise<Metainfo> {
  const info = encodeBencode({
    name: content.name,
    'piece length': pieceLengthBytes,
    pieces: await hashPieces(content.files, pieceLengthBytes, signal, threads),
    ...(isPrivate && { private: 1 }),
    ...lengthOrFiles(content),
  });
  const metainfo = parseInfo(info, await announce, content.root);
  const [mended] = metainfo.remarks;
  if (!mended) return metainfo;
  // Names that are two on this disk, but one to other machines of its kind; or that only this disk takes.
  throw new HelperError(
    'CONTENT_UNSUPPORTED',
    `${content.root} holds names that a torrent cannot carry: ${mended.message}; rename them`,
  );
}

function lengthOrFiles({ isFolder, files }: ScannedContent) {
  const listed = files.map(({ path, lengthBytes }) => ({ length: lengthBytes, path }));
  const [only] = listed;
  return only && !isFolder ? { length: only.length } : { files: listed };
}
