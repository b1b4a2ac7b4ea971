// Hands webtorrent a torrent: its part is the peers and their handshakes, nothing else. It knows nothing of pieces and
// files: to it every torrent is an empty one.
// Private: `_onParsedTorrent`, as what is added otherwise is there a moment later; `_infoHash` and `_processParsedTorrent`, where
// it is compared with all others, and magnet links are written; `_rechokeIntervalId`, `_startDiscovery`, `_numQueued`, `_onMetadata`, `_verifyPieces` and `_onWireWithMetadata`, where webtorrent would choke, announce, drop, fetch,
// check and request itself; `_debug`, as each step is put into words for nobody. Unnecessary once its torrent can be had without all that.
import type Wire from 'bittorrent-protocol';
import type WebTorrent from 'webtorrent';
import type { ParsedTorrent, Torrent } from 'webtorrent';
import { withTimeout } from '../../async/with-timeout.js';

export interface AddOptions {
  readonly infoHash: string;
  readonly isPrivate: boolean;
  /** The torrent has destroyed itself. Called at most once. */
  readonly onError: (error: Error) => void;
  /**
   * The handshake is over and the torrent ready: the peer has to be told what we have. Left out where the metadata is not
   * known yet.
   */
  readonly sendBitfield?: (wire: Wire) => void;
}

export interface AddedTorrent {
  readonly torrent: Torrent;
  /** What is there is known. To be called once; those who have connected before are told now. */
  ready(): void;
}

export function addTorrent(client: WebTorrent, options: AddOptions): AddedTorrent {
  const { infoHash, isPrivate, onError, sendBitfield } = options;
  const torrent = client.add(null, { preloadedStore: noStore, storeCacheSlots: 0 });
  torrent._debug = () => {};
  // The client's search for another with this info hash: whoever adds it knows that there is none.
  torrent.removeAllListeners('_infoHash');
  torrent._processParsedTorrent = (parsed) => void Object.assign(torrent, parsed);
  let isOver = false;
  // At once: an error without a listener would be the client's, and end it.
  torrent.on('error', (error: Error) => {
    if (!isOver) onError(error);
    isOver = true;
  });
  // Trackers and DHT are ours; what is left of its discovery is this.
  torrent._startDiscovery = () => {
    torrent.discovery ??= { complete: () => {}, destroy: (callback) => callback() };
  };
  // webtorrent drops peers that choke us as soon as this says that others are queued, or merely being dialled.
  Object.defineProperty(torrent, '_numQueued', { get: () => 0 });
  let ready = () => {};
  if (sendBitfield === undefined) {
    torrent._onMetadata = () => {};
  } else {
    torrent._verifyPieces = (verified) => {
      ready = () => verified(null);
    };
    torrent._onWireWithMetadata = sendBitfield;
  }
  torrent._onParsedTorrent(parsedTorrent(infoHash, isPrivate, sendBitfield !== undefined));
  // Choking is src/engine/data-path's, too.
  clearInterval(torrent._rechokeIntervalId);
  return {
    torrent,
    ready() {
      if (!torrent.destroyed) ready();
    },
  };
}

/** Destroys `torrent`; resolves when webtorrent is done with it, or after `timeoutMs`. Never rejects. */
export async function destroyTorrent(torrent: Torrent, timeoutMs: number): Promise<void> {
  // A torrent that destroyed itself never calls back.
  if (torrent.destroyed) return;
  const destroyed = new Promise<void>((resolve) => {
    torrent.destroy(() => resolve());
  });
  await withTimeout(timeoutMs, destroyed);
}

/** Its lists are linear in pieces and files whenever anything happens, so they are empty. */
function parsedTorrent(infoHash: string, isPrivate: boolean, isKnown: boolean): ParsedTorrent {
  if (!isKnown) return { infoHash };
  return {
    infoHash,
    private: isPrivate,
    info: {},
    // Nobody reads it: that it is there says that the metadata need not be fetched.
    torrentFile: {},
    length: 0,
    pieceLength: 1,
    lastPieceLength: 0,
    pieces: [],
    files: [],
  };
}

const noStore = {
  chunkLength: 1,
  get: (_index: number, _options: unknown, callback: (error: Error) => void) =>
    callback(new Error('webtorrent reads nothing')),
  put: (_index: number, _bytes: Uint8Array, callback: (error: Error) => void) =>
    callback(new Error('webtorrent writes nothing')),
  close: (callback: (error: null) => void) => queueMicrotask(() => callback(null)),
  destroy: (callback: (error: null) => void) => queueMicrotask(() => callback(null)),
};
