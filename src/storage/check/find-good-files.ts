// Which files hold a good piece, reading no more than tells so: as a rule one piece of each.
import { HelperError } from '../../errors.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { createBitfield, hasPiece, setPiece } from '../layout/bitfield.js';
import { piecesOf } from '../layout/file-layout.js';
import { presentPieces } from '../layout/present-pieces.js';
import type { FileStamps, TorrentStorage } from '../storage.js';

import { createPieceChecker } from './piece-checker.js';

export interface GoodFilesRequest {
  readonly metainfo: Metainfo;
  readonly content: TorrentStorage;
  /** Every file there is. */
  readonly stamps: FileStamps;
  /** Those of them that are asked about. */
  readonly files: Iterable<MetainfoFile>;
  /** The pieces that are read first: they should be good. */
  readonly likely: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** Of fewer good bytes, another file may have the same by chance: many begin with the header of their kind. */
const mostTellingBytes = 1024;

/** What cannot be read is not known to be good. Rejects with the signal's reason. */
export async function findGoodFiles(request: GoodFilesRequest): Promise<Set<MetainfoFile>> {
  const { metainfo, content, files, likely, signal } = request;
  const present = presentBitfield(request);
  const checker = createPieceChecker(metainfo, content, signal);
  const checked = new Map<number, boolean>();
  const good = new Set<MetainfoFile>();

  async function isGood(index: number): Promise<boolean> {
    const known = checked.get(index);
    if (known !== undefined) return known;
    await checker.check({ first: index, count: 1 }, 0, (_, isGoodNow) => {
      checked.set(index, isGoodNow);
    });
    return checked.get(index) ?? false;
  }

  async function holdsGoodPiece(file: MetainfoFile): Promise<boolean> {
    const isLikely = (index: number) => likely !== undefined && hasPiece(likely, index);
    const tellingBytes = Math.min(file.lengthBytes, metainfo.pieceLengthBytes, mostTellingBytes);
    let goodBytes = 0;
    for (const areLikely of [true, false]) {
      for (const index of piecesOf(metainfo, file)) {
        if (!hasPiece(present, index) || isLikely(index) !== areLikely) continue;
        if (await isGood(index)) goodBytes += bytesIn(metainfo, file, index);
        if (goodBytes >= tellingBytes) return true;
      }
    }
    return false;
  }

  for (const file of files) {
    const isOurs = await holdsGoodPiece(file).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof HelperError) return false;
      throw error;
    });
    if (isOurs) good.add(file);
  }
  return good;
}

function presentBitfield({ metainfo, stamps }: GoodFilesRequest): Uint8Array {
  const sizes = new Map([...stamps].map(([file, { sizeBytes }]) => [file, sizeBytes]));
  const present = createBitfield(metainfo.pieceCount);
  for (const { first, count } of presentPieces(metainfo, sizes)) {
    for (let nth = 0; nth < count; nth++) setPiece(present, first + nth);
  }
  return present;
}

/** How much of a file a piece holds. */
function bytesIn(metainfo: Metainfo, file: MetainfoFile, index: number): number {
  const offsetBytes = index * metainfo.pieceLengthBytes;
  const from = Math.max(offsetBytes, file.offsetBytes);
  const to = offsetBytes + metainfo.pieceBytes(index);
  return Math.min(to, file.offsetBytes + file.lengthBytes) - from;
}
