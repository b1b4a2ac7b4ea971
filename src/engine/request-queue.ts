// Serves one peer's requests at the speed at which it takes the blocks: no peer can make us read and keep more
// than a bounded number of blocks by asking for much and taking little.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import { hangUp } from './harden-wire.js';

/** Told to peers as `reqq` (BEP 10); some ask for more all the same, so the queue holds four times as many. */
export const announcedQueueLength = 500;
const longestQueue = 4 * announcedQueueLength;
const blocksAtOnce = 32;
const unsentBytesEnough = 512 * 1024;

interface Request {
  readonly index: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** Puts a queue between what `wire` is asked for and what the torrent reads. */
export function queueRequests(wire: Wire, torrent: Torrent): void {
  const waiting: Request[] = [];
  const { _onRequest: onRequest, _onCancel: onCancel, piece, reject } = wire;

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

  wire._onRequest = (index, offset, lengthBytes) => {
    const isMissing = torrent.ready && torrent.pieces[index] !== null;
    if (isMissing) {
      if (wire.hasFast) reject.call(wire, index, offset, lengthBytes);
      return;
    }
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
    piece.call(wire, index, offset, block);
    admit();
  };
  wire.reject = (index, offset, lengthBytes) => {
    reject.call(wire, index, offset, lengthBytes);
    admit();
  };
  // Called by the stream once what was pushed has gone out.
  wire._read = (callback) => {
    callback(null);
    admit();
  };
  wire.once('close', () => {
    waiting.length = 0;
  });
}
