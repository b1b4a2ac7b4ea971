// Serves one peer's requests at the speed at which it takes the blocks: no peer can make us read and keep more
// than a bounded number of blocks by asking for much and taking little.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import type { Metainfo } from '../metainfo/metainfo.js';
import { hangUp } from './harden-wire.js';

/** Told to peers as `reqq` (BEP 10); some ask for more all the same, so the queue holds four times as many. */
export const announcedQueueLength = 500;
const longestQueue = 4 * announcedQueueLength;
const blocksAtOnce = 32;
/** Nobody asks for more than 16 KiB these days; BEP 3 has 128 KiB. */
const longestBlockBytes = 128 * 2 ** 10;
const unsentBytesEnough = 512 * 1024;
/** Without a single one served between: a peer may have had a queue full of them under way when it was choked. */
const mostRefused = 2 * longestQueue;

interface Request {
  readonly index: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/**
 * Puts a queue between what `wire` is asked for and what the torrent reads. Hangs up on a peer that asks for what there
 * cannot be, or for more at once than anyone needs.
 */
export function queueRequests(wire: Wire, torrent: Torrent, metainfo: Metainfo): void {
  const waiting: Request[] = [];
  let refused = 0;
  const { _onRequest: onRequest, _onCancel: onCancel, _read: read, piece, reject } = wire;

  /** Numbers come as 32 bits with a sign. */
  const isPossible = (index: number, offset: number, lengthBytes: number) =>
    index >= 0 &&
    index < metainfo.pieceCount &&
    offset >= 0 &&
    lengthBytes > 0 &&
    lengthBytes <= longestBlockBytes &&
    offset + lengthBytes <= metainfo.pieceBytes(index);

  const admit = () => {
    while (
      wire.peerRequests.length < blocksAtOnce &&
      wire._readableState.buffered < unsentBytesEnough
    ) {
      const next = waiting.shift();
      if (next === undefined) return;
      onRequest.call(wire, next.index, next.offset, next.lengthBytes);
    }
  };

  const refuse = (index: number, offset: number, lengthBytes: number) => {
    refused += 1;
    if (refused > mostRefused) hangUp(wire);
    else if (wire.hasFast) reject.call(wire, index, offset, lengthBytes);
  };

  wire._onRequest = (index, offset, lengthBytes) => {
    if (!isPossible(index, offset, lengthBytes)) return hangUp(wire);
    const isMissing = torrent.ready && torrent.pieces[index] !== null;
    if (isMissing) return refuse(index, offset, lengthBytes);
    waiting.push({ index, offset, lengthBytes });
    if (waiting.length > longestQueue) hangUp(wire);
    else admit();
  };
  wire._onCancel = (index, offset, lengthBytes) => {
    const at = waiting.findIndex(
      (request) =>
        request.index === index && request.offset === offset && request.lengthBytes === lengthBytes,
    );
    if (at === -1) onCancel.call(wire, index, offset, lengthBytes);
    else waiting.splice(at, 1);
  };
  wire.piece = (index, offset, block) => {
    refused = 0;
    piece.call(wire, index, offset, block);
    admit();
  };
  wire.reject = (index, offset, lengthBytes) => {
    refuse(index, offset, lengthBytes);
    admit();
  };
  // Called by the stream once what was pushed has gone out.
  wire._read = (callback) => {
    read.call(wire, callback);
    admit();
  };
  wire.once('close', () => {
    waiting.length = 0;
  });
}
