// Hands webtorrent a torrent: what it may do with it, and what we do ourselves. One place for every override of
// webtorrent's own ways that a joined torrent and a metadata search share.
import type WebTorrent from 'webtorrent';
import type { ParsedTorrent, Torrent, TorrentOptions } from 'webtorrent';

/** `onError`: the torrent has destroyed itself. Called at most once. */
export function addTorrent(
  client: WebTorrent,
  parsed: ParsedTorrent,
  options: TorrentOptions,
  onError: (error: Error) => void,
): Torrent {
  const torrent = client.add(parsed, options);
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
  return torrent;
}

/** Destroys `torrent`; resolves when webtorrent is done with it, or after `timeoutMs`. Never rejects. */
export function destroyTorrent(torrent: Torrent, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A torrent that destroyed itself never calls back.
    if (torrent.destroyed) return resolve();
    const timer = setTimeout(resolve, timeoutMs);
    torrent.destroy(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
