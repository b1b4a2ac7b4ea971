// How much is read for a request: what the peer has asked for around it, so that neighbours are read together and a stray
// request reads itself alone. Pure.
import { mostEntryBytes } from './read-cache/cache-entry.js';
import type { BlockRequest } from './upload-queue.js';

/** So much is read for one byte that is asked for, at most: the rest of a piece will be asked for, too. */
const mostShare = 4;

export interface ReadPlan {
  readonly startBytes: number;
  readonly lengthBytes: number;
}

export interface PlannedContent {
  readonly pieceLengthBytes: number;
  pieceBytes(index: number): number;
}

/**
 * What is read for `request`, of the pieces that are asked for: `ahead` are the requests from it on. At most `mostBytes`,
 * and never over a multiple of that. `lastEndBytes`: where the one before ended.
 */
export function planRead(
  content: PlannedContent,
  request: BlockRequest,
  ahead: readonly BlockRequest[],
  { mostBytes, lastEndBytes }: { readonly mostBytes: number; readonly lastEndBytes: number },
): ReadPlan {
  const stretchBytes = Math.min(mostEntryBytes, 2 ** Math.floor(Math.log2(mostBytes)));
  const { startBytes, lengthBytes } = request;
  const stretchStart = Math.floor(startBytes / stretchBytes) * stretchBytes;
  const stretchEnd = stretchStart + stretchBytes;
  const endBytes = startBytes + lengthBytes;
  if (endBytes > stretchEnd) return request;
  let [first, last, askedBytes] = [request.index, request.index, 0];
  for (const { index, startBytes: at, lengthBytes: bytes, isCancelled } of ahead) {
    if (isCancelled || at < stretchStart || at + bytes > stretchEnd) continue;
    if (index === last + 1) last = index;
    else if (index === first - 1) first = index;
    else if (index < first || index > last) continue;
    askedBytes += bytes;
  }
  const isNear = lastEndBytes > startBytes - stretchBytes && lastEndBytes <= endBytes;
  if (askedBytes <= lengthBytes && !isNear) return request;
  const { pieceLengthBytes } = content;
  const from = Math.max(stretchStart, first * pieceLengthBytes);
  const to = Math.min(stretchEnd, last * pieceLengthBytes + content.pieceBytes(last));
  if (to - from <= mostShare * askedBytes) return { startBytes: from, lengthBytes: to - from };
  const shareEnd = Math.max(endBytes, Math.min(to, startBytes + mostShare * askedBytes));
  return { startBytes, lengthBytes: shareEnd - startBytes };
}
